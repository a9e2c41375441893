internal import ArgumentParser
internal import Foundation
internal import Pipeline

/// What every command that works from a pipeline file takes over the file.
struct PipelineSettings: ParsableArguments {
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

  /// Reads the pipeline.
  func spec(_ file: String) throws -> PipelineSpec {
    try Self.spec(file, overrides: overrides)
  }

  /// Reads a pipeline, with some keys set over the file.
  static func spec(_ file: String, overrides: [String]) throws -> PipelineSpec {
    do {
      return try PipelineSpec.load(
        path: file, overrides: overrides, environment: ProcessInfo.processInfo.environment)
    } catch {
      throw RunError(.badPipeline, error.errors.map(\.description).joined(separator: "\n"))
    }
  }

  /// The settings as options of a plan.
  var options: RunPlan.Options {
    var options = RunPlan.Options()
    options.target = target
    options.workers = workers
    return options
  }
}

/// The options of every command that reads what a pipeline names.
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

  @OptionGroup var settings: PipelineSettings

  /// Reads the pipeline and resolves it.
  func plan(_ change: (inout RunPlan.Options) -> Void = { _ in }) throws -> RunPlan {
    var options = settings.options
    options.inputs = input
    change(&options)
    return try RunPlan(
      file: pipeline, spec: try settings.spec(pipeline), options: options,
      environment: ProcessInfo.processInfo.environment)
  }
}
