internal import ArgumentParser
internal import Foundation
internal import Pipeline

/// `convoy doctor`: what a run would meet on its target, and in what it reads.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check a target before a load, a store of files, or an export and its archives.",
    discussion: """
      Writes nothing, unless --repair is given. Of a pipeline, what it reads is looked at too: files, or the \
      tables of a database. A load makes the same checks of its target before its first row. Of an export, the tables, the age of the newest archive and the end of the last run are looked at.

      Exit status: 0 nothing is refused or missed, 1 something is, or the check failed, 64 usage, \
      69 database unreachable, 74 file I/O, 78 bad pipeline file.
      """)

  @Argument(help: "A pipeline file, whose target is checked unless --target names another.")
  var pipeline: String?

  @OptionGroup var target: TargetOption

  @Flag(
    help: "First make again the indexes and foreign keys that a load left off when it was killed.")
  var repair = false

  @Flag(name: .long, help: "Print one JSON object instead of lines.")
  var json = false

  func run() async throws {
    try await reporting("doctor") {
      let environment = ProcessInfo.processInfo.environment
      let spec = try spec(environment)
      if let spec, let pipeline, spec.kind == .export {
        return try await look(at: spec, file: pipeline, environment)
      }
      let choice = try choice(spec, environment)
      if repair {
        for restored in try await Restoration.repair(choice) {
          FileHandle.standardError.write(Data("restored \(TerminalText.safeLine(restored))\n".utf8))
        }
      }
      let isOfFiles = spec?.kind == .files
      var preflight = try await Preflight.look(at: choice, forFiles: isOfFiles)
      if let spec, let pipeline, !isOfFiles {
        preflight.add(
          try await Preflight.lookAtSource(of: spec, file: pipeline, environment: environment))
      }
      if let spec, isOfFiles {
        preflight.add(Preflight.lookAtFiles(of: spec))
        preflight.add(await Preflight.look(at: try StorePlan(spec.store, environment: environment)))
      }
      try conclude(preflight, choice)
    }
  }

  private func look(
    at spec: PipelineSpec, file: String, _ environment: [String: String]
  ) async throws {
    guard !repair else {
      throw RunError(
        .failed, "\(file) is an export, which leaves nothing off that --repair could make")
    }
    var options = ExportPlan.Options()
    options.target = target.target
    let plan = try ExportPlan(file: file, spec: spec, options: options, environment: environment)
    try conclude(try await Preflight.look(at: plan), plan.target)
  }

  private func conclude(_ preflight: Preflight, _ choice: TargetChoice) throws {
    let text = DoctorText(preflight, target: choice.description)
    FileHandle.standardOutput.write(Data((json ? try text.json() : text.lines()).utf8))
    guard preflight.isReachable else { throw ExitCode(ExitStatus.unreachable) }
    if preflight.isRefused { throw ExitCode(ExitStatus.failed) }
  }

  private func spec(_ environment: [String: String]) throws -> PipelineSpec? {
    guard let pipeline else { return nil }
    do throws(SpecErrors) {
      return try PipelineSpec.load(path: pipeline, overrides: [], environment: environment)
    } catch {
      throw RunError(.badPipeline, error.description)
    }
  }

  private func choice(
    _ spec: PipelineSpec?, _ environment: [String: String]
  ) throws -> TargetChoice {
    guard let spec else { return try target.choice() }
    return try TargetChoice.resolve(target.target, or: spec.load, environment: environment)
  }
}
