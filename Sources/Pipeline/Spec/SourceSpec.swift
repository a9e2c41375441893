/// Section `source`.
public struct SourceSpec: Sendable, Hashable {
  /// The form the records are in, or that each input's is to be told by its content.
  public var format: FormatChoice
  /// Files, directories, globs and `-`, as written; empty when they are to come from the command line.
  public var inputs: [String]
  /// How the characters of inputs are stored that have no byte order mark.
  public var encoding = InputEncoding.utf8
  /// The database whose tables are read in place of inputs; nil for none.
  public var database: LoadTarget?
  /// Shell command that prints the password of a database that gives none.
  public var passwordCommand: String?
  /// Tables of the database, each with its schema where that is not public; empty for those of the format.
  public var tables: [String] = []
  /// Seconds without a row of a user after which the next is of a further session, where rows name none.
  public var idleGapSeconds = 30 * 60

  /// Makes the section as one with a format and inputs is read.
  public init(format: FormatChoice, inputs: [String]) {
    self.format = format
    self.inputs = inputs
  }
}

extension PipelineSpec {
  /// The keys of section `source`.
  static let sourceKeys: [SpecKey] = [
    SpecKey(
      "source.format", .choice, \.source.format, isRequired: true,
      "form the records are in; auto tells it of each input by its content"),
    SpecKey(
      "source.inputs", .paths, \.source.inputs,
      "files, directories, globs or - for stdin, relative to the working directory"),
    SpecKey(
      "source.encoding", .choice, \.source.encoding,
      "how characters of inputs without a byte order mark are stored"),
    SpecKey(
      "source.database", SpecType.target.optional, \.source.database, default: "none",
      "the database whose tables are read in place of inputs; never with its password"),
    SpecKey(
      "source.passwordCommand", SpecType.command.optional, \.source.passwordCommand,
      default: "CONVOY_PASSWORD_COMMAND",
      "shell command that prints the password, where neither database nor PGPASSWORD holds one"),
    SpecKey(
      "source.tables", .names, \.source.tables, default: "those of the format",
      "tables of the database, each with its schema where that is not public"),
    SpecKey(
      "source.idleGap", .duration(1...(366 * 86_400)), \.source.idleGapSeconds,
      "time without a row of a user after which a conversations table has a further session"),
  ]

  /// Refuses what does not go with a database, and what goes with nothing else.
  func checkSource(of root: SpecNode, _ check: inout SpecCheck) {
    func refuse(_ path: String, _ problem: String) {
      guard let node = root.descendant(path), !node.isNull else { return }
      check.refuse(node, problem)
    }
    guard source.database != nil else {
      refuse("source.passwordCommand", "goes with source.database, which is not there")
      refuse("source.tables", "goes with source.database, which is not there")
      return
    }
    refuse("source.inputs", "does not go with source.database, whose tables are the input")
    refuse("source.encoding", "does not go with source.database, whose server tells it")
    if source.format == .auto {
      refuse("source.format", "cannot be auto where source.database names what is read")
    }
  }
}
