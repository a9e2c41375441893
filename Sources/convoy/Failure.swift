internal import ArgumentParser
internal import Foundation
internal import Pipeline
internal import Postgres

/// Runs a command's work and turns whatever it throws into one line on stderr and an exit status.
///
/// The line is `convoy NOUN: place: reason`, followed by one hint line where a fix is known.
func reporting(_ command: String, _ work: () async throws -> Void) async throws {
  do {
    try await work()
  } catch let error as RunError {
    report(command, error.message, hint: error.hint)
    throw ExitCode(ExitStatus.of(error.kind))
  } catch let error as PostgresError {
    report(command, error.description, hint: nil)
    switch error.reason {
    case .connect, .connectionLost: throw ExitCode(ExitStatus.unreachable)
    case .connectionString: throw ExitCode(ExitStatus.usage)
    case .server, .client: throw ExitCode(ExitStatus.failed)
    }
  }
}

private func report(_ command: String, _ message: String, hint: String?) {
  // Names of files may hold what moves a terminal's cursor.
  var text = message.split(separator: "\n").map { "convoy \(command): \(String($0).printable)\n" }
    .joined()
  if let hint { text += "hint: \(hint.printable)\n" }
  FileHandle.standardError.write(Data(text.utf8))
}
