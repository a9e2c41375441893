internal import ArgumentParser
internal import Foundation

struct MakeThreads: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "threads",
    abstract: "Thread documents as JSONL, one thread a line: threads-1.jsonl, threads-2.jsonl, …")

  @OptionGroup var options: MakeOptions

  @Option(help: "Files to spread the threads over.")
  var files = 4

  func validate() throws {
    guard (1...1_000).contains(files) else {
      throw ValidationError("--files must be 1 to 1000")
    }
  }

  func run() throws {
    let bytes = try ThreadDocuments(
      sessions: options.sessions, turns: options.turns, files: files, seed: options.seed
    ).write(into: URL(filePath: options.out, directoryHint: .isDirectory))
    print(
      "\(options.sessions) threads, \(options.sessions * options.turns) messages, \(bytes) bytes")
  }
}
