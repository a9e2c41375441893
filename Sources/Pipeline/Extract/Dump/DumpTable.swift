/// The tables of the product's later schema that are loaded.
enum DumpTable: String, CaseIterable, Sendable {
  case conversations, messages
  case conversationThreads = "conversation_threads"
  case messageBus = "message_bus"
  case files
  case conversationFiles = "conversation_files"
  case providerUploads = "provider_file_uploads"

  /// What rows of several tables are put together to.
  enum Record: Int, Sendable {
    /// A conversation with its messages.
    case conversation
    /// A thread document, which is a row.
    case thread
    /// What the message bus carried of one conversation.
    case bus
    /// A file, which is no message's.
    case file
  }

  /// The table whose name is written so but for capitals, which PostgreSQL takes for another table.
  static func likeNamed(_ name: String) -> DumpTable? {
    DumpTable(rawValue: name) == nil ? DumpTable(rawValue: name.lowercased()) : nil
  }

  /// The record that a row becomes, or becomes part of.
  var record: Record {
    switch self {
    case .conversations, .messages: .conversation
    case .conversationThreads: .thread
    case .messageBus: .bus
    case .files, .conversationFiles, .providerUploads: .file
    }
  }

  /// Whether a row is a message, or about one.
  var isOfMessages: Bool { self == .messages || self == .messageBus }

  /// Whether a row is about a file.
  var isOfFiles: Bool { record == .file }

  /// The column that names the record a row is of, the first of these that there is.
  fileprivate var keyColumns: [String] {
    switch self {
    case .conversations, .files: ["id"]
    case .messages, .conversationFiles: ["conversation_id"]
    case .conversationThreads: ["thread_id"]
    case .messageBus: ["transaction_id"]
    case .providerUploads: ["provider_file_id", "file_id"]
    }
  }

  /// Columns without which rows of a table of this name are something else, as those of the first
  /// `conversations` table are.
  private var neededColumns: [[String]] {
    switch self {
    case .conversations: [["id", "continuation_id"]]
    case .messages: [["id", "conversation_id", "role", "content"]]
    case .conversationThreads: [["thread_id", "conversation_data"]]
    case .messageBus: [["transaction_id", "payload"]]
    case .files: [["id", "storage_path", "original_name"]]
    case .conversationFiles: [["conversation_id", "file_id"]]
    // It was defined a second time with other names.
    case .providerUploads: [["provider", "provider_file_id"], ["provider_name", "file_id"]]
    }
  }

  /// Columns without which its rows are none, in words.
  var neededNames: String {
    neededColumns.map { $0.joined(separator: ", ") }.joined(separator: " or ")
  }

  /// Whether columns are those of the table, and not of another one of its name.
  func fits(_ columns: [String]) -> Bool {
    neededColumns.contains { $0.allSatisfy(columns.contains) }
  }

  /// The column whose time puts rows of one record in their order.
  fileprivate var timeColumn: String {
    switch self {
    case .messages, .messageBus, .conversationThreads, .files, .conversationFiles,
      .providerUploads:
      "created_at"
    case .conversations: "updated_at"
    }
  }

  /// The column that tells a message from others.
  fileprivate var idColumn: String { self == .messageBus ? "transaction_id" : "id" }

  /// The column that holds what a row is about.
  fileprivate var contentColumn: String {
    switch self {
    case .conversations, .messages, .files, .conversationFiles, .providerUploads: "content"
    case .conversationThreads: "conversation_data"
    case .messageBus: "payload"
    }
  }

  /// Columns whose values are JSON, whether or not their definition is in the dump.
  static let jsonColumns: Set<String> = [
    "metadata", "conversation_data", "payload", "custom_metadata",
  ]
}

/// A table's name as it is written, such as `"public"."messages"`.
struct DumpName: Equatable {
  /// Its last part, without quotes.
  var table: String
  /// All of it, for people.
  var text: String

  /// The last part of a name as people read it.
  static func table(of text: String) -> String {
    text.split(separator: ".").last.map(String.init) ?? text
  }

  /// Whether rows of a table of this name are loaded, if their columns are those of it.
  var isLoaded: Bool { DumpTable(rawValue: table) != nil }
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
  /// Position of the column that names the record.
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
    guard table.fits(columns),
      let key = table.keyColumns.lazy.compactMap({ columns.firstIndex(of: $0) }).first
    else { return nil }
    self.table = table
    self.form = form
    self.columns = columns
    self.head = head
    self.key = key
    id = columns.firstIndex(of: table.idColumn)
    time = columns.firstIndex(of: table.timeColumn)
    role = columns.firstIndex(of: "role")
    content = columns.firstIndex(of: table.contentColumn)
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
