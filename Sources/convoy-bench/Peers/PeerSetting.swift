internal import Foundation

/// What a peer needs to know to load the documents.
struct PeerSetting {
  let directory: URL
  let url: DatabaseURL
  /// What libpq's environment variables say, for tools that do not take a URL with a socket in it.
  let connection: [String: String]
  let threads: [String]
  let convoy: String
  let pipeline: String
  let python: String

  init(directory: URL, url: DatabaseURL, convoy: String, pipeline: String, python: String)
    async throws
  {
    self.directory = directory
    self.url = url
    self.convoy = convoy
    self.pipeline = pipeline
    self.python = python
    let threads = directory.appending(path: "threads").path
    self.threads = try FileManager.default.contentsOfDirectory(atPath: threads).sorted()
      .map { "\(threads)/\($0)" }
    let command = ["psql", "-XqAt", "-d", url.text]
    let said = try await answer(
      of: command + [":HOST", ":PORT", ":USER"].flatMap { ["-c", "\\echo \($0)"] })
    let values = said.split(separator: "\n").map(String.init)
    guard values.count == 3 else {
      throw BenchError.unreadableAnswer(command: command, answer: said)
    }
    connection = [
      "PGHOST": values[0], "PGPORT": values[1], "PGUSER": values[2],
      "PGDATABASE": BenchServer.loaded,
    ]
  }

  var loaded: String { url.database(BenchServer.loaded) }

  func rows(_ file: String) -> String {
    directory.appending(path: "rows/\(file)").path
  }

  /// Writes one of a peer's own files and returns its path.
  func write(_ text: String, as name: String) throws -> String {
    let file = directory.appending(path: "peers/\(name)")
    try Data(text.utf8).write(to: file)
    return file.path
  }

  /// The first thing in a command's first line that looks like a version; nil if the command fails.
  func version(_ command: [String]) async throws -> String? {
    guard let text = try await said(by: command)?.split(separator: "\n").first else { return nil }
    return text.firstMatch(of: /[0-9]+(\.[0-9]+)+/).map { String($0.output.0) } ?? String(text)
  }

  /// The answer of a program that may not be there: nil if it fails in any way.
  func said(by command: [String]) async throws -> String? {
    do {
      return try await answer(of: command)
    } catch BenchError.failed {
      return nil
    }
  }
}
