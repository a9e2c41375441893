internal import ArgumentParser
internal import Foundation
internal import Pipeline

struct SchemaExport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write the migrations as files the Supabase CLI takes.",
    discussion: """
      Files that are there already with the same content are left alone.

      Exit status: 0 written, 1 a file of that name has other content, 74 file I/O.
      """)

  @Argument(help: "The directory, such as supabase/migrations; made when missing.")
  var directory: String

  func run() async throws {
    try await reporting("schema export") {
      for migration in Migration.all {
        let path = "\(directory)/\(migration.fileName)"
        print("\(try write(migration.script, to: path)) \(path)")
      }
    }
  }

  private func write(_ text: String, to path: String) throws(RunError) -> String {
    let content = Data(text.utf8)
    do {
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: true)
      guard FileManager.default.fileExists(atPath: path) else {
        try content.write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
        return "written"
      }
      if try Data(contentsOf: URL(fileURLWithPath: path)) == content { return "unchanged" }
    } catch {
      throw RunError(.fileAccess, "\(path): \(error.localizedDescription)")
    }
    throw RunError(.failed, "\(path) is there with other content; it is left as it is")
  }
}
