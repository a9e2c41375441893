/// How the files that messages name are found and stored; both ends made ready, nothing sent yet.
struct AttachPlan: Sendable {
  let roots: MentionRoots
  let store: StorePlan
  let state: StateDirectory

  /// Resolves section `attach`; nil where nothing is to be attached.
  ///
  /// - Throws: ``RunError`` for a root that cannot be opened, a mapping that leads out of the roots, and a store
  ///   that cannot be.
  static func resolve(
    _ spec: PipelineSpec, target: TargetChoice, isOffline: Bool = false,
    environment: [String: String]
  ) throws(RunError) -> AttachPlan? {
    guard spec.attach.turns == .resolve else { return nil }
    let roots = try MentionRoots(spec.attach.roots, map: spec.attach.map)
    let store = try StorePlan(spec.store, environment: environment)
    // Rows on a server that others read, and bytes on a disk that they cannot, is no default.
    guard
      target.isLocal || isOffline || !store.isDirectory || spec.store.kind != nil
        || spec.store.directory != nil
    else {
      throw RunError(
        .badPipeline, "store: files are attached, the target is not local, and no bucket is named",
        hint: "set SUPABASE_URL or store.url; or store.kind: directory to keep the bytes here")
    }
    return AttachPlan(
      roots: roots, store: store, state: try StateDirectory(environment: environment))
  }
}
