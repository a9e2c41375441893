/// How the files that messages name are found, and these and embeddings stored; both ends made ready, nothing
/// sent yet.
struct AttachPlan: Sendable {
  /// Where files are looked for; nil where none are.
  let roots: MentionRoots?
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
    let hasEmbeddings =
      spec.source.format == .one(.conversationsTable) && spec.transform.embeddings == .object
    guard spec.attach.turns == .resolve || hasEmbeddings else { return nil }
    let roots =
      spec.attach.turns == .resolve
      ? try MentionRoots(spec.attach.roots, map: spec.attach.map) : nil
    let store = try StorePlan(spec.store, environment: environment)
    // Rows on a server that others read, and bytes on a disk that they cannot, is no default.
    guard
      target.isLocal || isOffline || !store.isDirectory || spec.store.kind != nil
        || spec.store.directory != nil
    else {
      throw RunError(
        .badPipeline, "store: files are stored, the target is not local, and no bucket is named",
        hint: "set SUPABASE_URL or store.url; or store.kind: directory to keep the bytes here")
    }
    return AttachPlan(
      roots: roots, store: store, state: try StateDirectory(environment: environment))
  }
}
