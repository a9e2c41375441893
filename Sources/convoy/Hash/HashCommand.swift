internal import Archive
internal import ArgumentParser
internal import Foundation
internal import Pipeline

struct HashCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hash",
    abstract: "Print SHA-256 of files and of all files below directories, or verify such a list.",
    discussion: """
      Output is sha256sum's, and so is what --check reads. In a directory symbolic links are not \
      followed; FIFOs, sockets and devices are passed over.

      Exit status: 0 done, 3 done but some files could not be read, 64 usage, 65 some files are not \
      what the list says, or a line of it is none, 74 nothing could be read or the output not written, \
      130/143 interrupted.
      """)

  @Argument(
    help: "Files and directories; - is standard input. With --check, what of the list to verify.")
  var path: [String] = []

  @Option(help: ArgumentHelp("Verify the files of a list; - is standard input.", valueName: "file"))
  var check: String?

  @Flag(help: "Also hash each 8 MiB of files that are larger, to find what part is damaged.")
  var chunks = false

  @Flag(help: "Print one JSON object a line.")
  var json = false

  @Flag(
    name: .customLong("no-cache"),
    help: "Read every file, also those that have not changed since they were hashed.")
  var isUncached = false

  @Option(help: "Files worked on at a time; the number of cores if not given.")
  var workers = min(64, ProcessInfo.processInfo.activeProcessorCount)

  func validate() throws {
    guard check != nil || !path.isEmpty else { throw ValidationError("no PATH and no --check") }
    guard check == nil || !chunks else {
      throw ValidationError("--chunks goes without --check, which uses the chunks of its list")
    }
    guard (1...64).contains(workers) else { throw ValidationError("--workers must be 1…64") }
  }

  func run() async throws {
    try await reporting("hash") {
      let stop = StopSignal()
      let signals = TerminationSignals(stop)
      defer { signals.end() }
      let output = HashOutput(isCheck: check != nil, isJSON: json)
      let summary = try await HashRun(
        subject(), workers: workers, withChunks: chunks, cache: try cache(), stop: stop
      ).run { results throws(RunError) in try output.write(results) }
      if let failure = summary.cacheFailure { output.warn("digests are not kept: \(failure)") }
      let status = output.finish()
      if status != ExitStatus.done { throw ExitCode(status) }
    }
  }

  private func subject() -> HashRun.Subject {
    var arguments = RawArguments.current()
    // The option's place among the arguments is not known, so it is looked for from the start.
    let list = check.map { text in
      var arguments = arguments
      return arguments.path(text)
    }
    let paths = path.map { arguments.path($0) }
    return list.map { .list($0, below: paths) } ?? .paths(paths)
  }

  /// What verifies must read: bytes that went bad on the disk leave the file's times as they were.
  private func cache() throws -> HashCache? {
    guard check == nil, !isUncached else { return nil }
    return HashCache(
      in: try StateDirectory(environment: ProcessInfo.processInfo.environment))
  }
}
