/// The tables of the product's later schema whose rows become sessions and messages.
enum DumpTable: String, CaseIterable, Sendable {
  case conversations, messages

  /// The column that names the conversation a row is of.
  var keyColumn: String {
    switch self {
    case .conversations: "id"
    case .messages: "conversation_id"
    }
  }

  /// Columns without which rows of a table of this name are something else, as those of the first
  /// `conversations` table are.
  var neededColumns: [String] {
    switch self {
    case .conversations: ["id", "continuation_id"]
    case .messages: ["id", "conversation_id", "role", "content"]
    }
  }

  /// Columns whose values are JSON, whether or not their definition is in the dump.
  static let jsonColumns: Set<String> = ["metadata"]
}

/// A table's name as it is written, such as `"public"."messages"`.
struct DumpName: Equatable {
  /// Its last part, without quotes.
  var table: String
  /// All of it, for people.
  var text: String
}

/// How rows are written down: what stands before them and says what their values are.
struct DumpLayout: Sendable {
  enum Form: Sendable, Equatable { case insert, copyText, csv }

  var table: DumpTable
  var form: Form
  var columns: [String]
  /// The statement's beginning, or the line of names, as found.
  var head: [UInt8]
  /// Which columns hold JSON.
  let isJSON: [Bool]
  /// Position of the column that names the conversation.
  let key: Int
  /// Positions of columns that decide what becomes of a row.
  let id: Int?
  let time: Int?
  let role: Int?
  let content: Int?
  /// Each column's name as JSON with the colon behind it.
  let names: [[UInt8]]

  /// Nil where the columns are not those of the table.
  init?(
    _ table: DumpTable, form: Form, columns: [String], jsonColumns: Set<String>, head: [UInt8]
  ) {
    guard table.neededColumns.allSatisfy(columns.contains),
      let key = columns.firstIndex(of: table.keyColumn)
    else { return nil }
    self.table = table
    self.form = form
    self.columns = columns
    self.head = head
    self.key = key
    id = columns.firstIndex(of: "id")
    time = columns.firstIndex(of: table == .messages ? "created_at" : "updated_at")
    role = columns.firstIndex(of: "role")
    content = columns.firstIndex(of: "content")
    isJSON = columns.map { DumpTable.jsonColumns.contains($0) || jsonColumns.contains($0) }
    names = columns.map { column in
      var name: [UInt8] = []
      name.appendJSONString(column.utf8)
      return name + [UInt8(ascii: ":")]
    }
  }

  /// Splits the row that is all of a range into its values.
  ///
  /// - Returns: why it has no values that fit the columns, or nil.
  func split(
    _ bytes: borrowing Span<UInt8>, _ row: Range<Int>, into fields: inout [RowField]
  ) -> String? {
    switch form {
    case .insert:
      guard bytes.sqlTuple(at: row.lowerBound, into: &fields) == row.upperBound else {
        return "the row is not whole"
      }
    case .copyText: bytes.copyFields(row, into: &fields)
    case .csv:
      guard
        bytes.extracting(row).csvRow(at: 0, isEnd: true, into: &fields)?.end == row.count
      else { return "the row is not whole" }
      for index in fields.indices {
        let range = fields[index].range
        fields[index].range =
          range.lowerBound + row.lowerBound..<range.upperBound + row.lowerBound
      }
    }
    guard fields.count == columns.count else {
      return "\(fields.count) values for \(columns.count) columns"
    }
    guard let odd = fields.firstIndex(where: { $0.form == .expression }) else { return nil }
    return "column \(columns[odd]) is an expression, not a value"
  }

  /// Appends a row as a small dump of its own: the statement's beginning, the row as found, the end.
  func append(_ row: Range<Int>, of bytes: [UInt8], to out: inout [UInt8]) {
    out += head
    switch form {
    case .insert:
      out.append(UInt8(ascii: " "))
      out.append(row, of: bytes)
      out += Array(";\n".utf8)
    case .copyText:
      out.append(UInt8(ascii: "\n"))
      out.append(row, of: bytes)
      out += Array("\n\\.\n".utf8)
    case .csv:
      out.append(UInt8(ascii: "\n"))
      out.append(row, of: bytes)
      out.append(UInt8(ascii: "\n"))
    }
  }
}
