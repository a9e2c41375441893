internal import ArgumentParser
internal import Foundation
internal import ObjectStore
internal import Pipeline

/// Where rows and objects are, as every command about stored files takes it.
struct StoreOptions: ParsableArguments {
  @OptionGroup var target: TargetOption

  @Option(
    help: ArgumentHelp(
      """
      Directory of the objects, or address of the Supabase project. Default: the pipeline's, else \
      SUPABASE_URL, else the directory beside the local database.
      """, valueName: "dir|url"))
  var store: String?

  @Option(help: "The bucket. Default: the pipeline's, else mcp-files.")
  var bucket: String?

  /// Opens store and target, of a pipeline where one is given.
  func open(pipeline file: String?) async throws -> Place {
    let environment = ProcessInfo.processInfo.environment
    var spec = PipelineSpec(name: "files", format: .threads)
    if let file { spec = try PipelineSettings.spec(file, overrides: []) }
    if let store {
      let isAddress = store.hasPrefix("https://") || store.hasPrefix("http://")
      spec.store.kind = isAddress ? .supabase : .directory
      if isAddress { spec.store.url = store } else { spec.store.directory = store }
    }
    if let bucket { spec.store.bucket = bucket }
    let plan = try StorePlan(spec.store, environment: environment)
    let target =
      file == nil
      ? try TargetChoice.resolve(target.target, environment: environment)
      : try TargetChoice.resolve(target.target, or: spec.load, environment: environment)
    return Place(
      store: try await plan.open(), plan: plan, target: target,
      sources: spec.files.roots + spec.attach.roots)
  }

  /// Rows and objects that belong together.
  struct Place: Sendable {
    let store: any ObjectStore
    let plan: StorePlan
    let target: TargetChoice
    /// Where the pipeline's files come from.
    let sources: [String]
  }
}
