/// What is told of dumps beside their rows.
extension DumpSource {
  /// What is to be told of a dump once all of them have been read.
  func remark(_ input: PlannedInput, _ passage: Passage) -> InputSegment {
    let end =
      passage.damage?.place ?? Place(input: input.index, line: 1, byteOffset: 0, byteLength: 0)
    var segment = InputSegment(
      input: input.index, bytes: [], layout: .documents, records: [], byteOffset: end.byteOffset,
      firstLine: end.line, isFirst: passage.rowCount == 0, isLast: true, fingerprint: digest,
      damage: passage.damage?.text)
    segment.passedBytes = max(0, passage.passedBytes)
    segment.isCompressed = input.path.hasSuffix(".gz")
    for statement in passage.passed.unread {
      segment.remarks.append(
        SourceRemark(
          rule: .statementUnread, place: statement.place,
          message:
            "\(statement.text): only rows of VALUES and lines behind COPY … FROM stdin are read"))
    }
    for table in passage.passed.tables { segment.remarks.append(remark(passing: table)) }
    for kind in passage.passed.statements {
      segment.remarks.append(
        SourceRemark(
          rule: .statementSkipped, place: kind.place,
          message: "\(kind.name), \(kind.statements) times: a dump is read and not run"))
    }
    return segment
  }

  private func remark(passing entry: PassedOver.Entry) -> SourceRemark {
    let last = DumpName.table(of: entry.name)
    let rows = "table \(entry.name), \(entry.rows) rows"
    if let like = DumpTable.likeNamed(last), !layouts.contains(where: { $0.table == like }) {
      return SourceRemark(
        rule: .tableCase, place: entry.place,
        message:
          "\(rows): to PostgreSQL a name in quotes with capitals is another than \(like.rawValue), "
          + "of which there are no rows")
    }
    return SourceRemark(
      rule: .tableSkipped, place: entry.place,
      message: "\(rows): \(Self.reason(passing: entry.name, last))")
  }

  private static func reason(passing name: String, _ last: String) -> String {
    guard let table = DumpTable(rawValue: last) else { return "not of the tables that are loaded" }
    return name == last && table.isOfFiles
      ? "files are loaded where attach.turns is resolve, and the target is asked"
      : "not the columns of \(last) as it is loaded, \(table.neededNames)"
  }
}
