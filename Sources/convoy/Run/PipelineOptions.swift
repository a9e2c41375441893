internal import ArgumentParser
internal import Foundation
internal import Pipeline

/// The options of every command that works from a pipeline file.
struct PipelineOptions: ParsableArguments {
  @Argument(help: "The pipeline file.")
  var pipeline: String

  @Option(
    help: ArgumentHelp(
      """
      Read this instead of the pipeline's inputs: a file, directory, glob or - for stdin. Repeatable.
      """,
      valueName: "path"))
  var input: [String] = []

  @Option(help: "Where to load: local, a postgresql:// URL or service=NAME.")
  var target: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Set a key over the file.", valueName: "key.path=value"))
  var overrides: [String] = []

  @Option(help: "Batches worked on at a time.")
  var workers: Int?

  func validate() throws {
    if let workers, !(1...64).contains(workers) {
      throw ValidationError("--workers must be 1…64")
    }
    guard overrides.allSatisfy(PipelineSpec.isOverride) else {
      throw ValidationError("--set must be KEY.PATH=VALUE")
    }
  }

  /// Reads the pipeline and resolves it.
  func plan(_ change: (inout RunPlan.Options) -> Void = { _ in }) throws -> RunPlan {
    let environment = ProcessInfo.processInfo.environment
    let spec: PipelineSpec
    do {
      spec = try PipelineSpec.load(path: pipeline, overrides: overrides, environment: environment)
    } catch {
      throw RunError(.badPipeline, error.errors.map(\.description).joined(separator: "\n"))
    }
    var options = RunPlan.Options()
    options.inputs = input
    options.target = target
    options.workers = workers
    change(&options)
    return try RunPlan(file: pipeline, spec: spec, options: options, environment: environment)
  }
}
