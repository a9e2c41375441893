internal import ArgumentParser
internal import Pipeline

/// Which rows of an archive a command is about.
struct OnlyOption: ParsableArguments {
  @Option(
    name: .customLong("only"),
    help: ArgumentHelp(
      "Only rows of table=NAME, session=ID or since=TIME; repeatable.", valueName: "rows"))
  var terms: [String] = []

  func validate() throws { _ = try selection() }

  /// - Throws: `ValidationError` where a term cannot be read.
  func selection() throws -> ArchiveSelection {
    do throws(RunError) {
      return try ArchiveSelection(terms)
    } catch {
      throw ValidationError("--only \(error.message)" + (error.hint.map { ", \($0)" } ?? ""))
    }
  }
}
