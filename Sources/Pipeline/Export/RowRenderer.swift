/// Writes rows of a binary COPY as lines of JSON, one object each; a column that is NULL is left out.
///
/// No row becomes a value of its own: bytes go from libpq's buffer to the member's.
struct RowRenderer {
  struct Field: Sendable {
    /// The name as a member's, with its colon.
    let key: [UInt8]
    let form: ValueForm
  }

  /// What is known of some rows.
  struct Bounds: Sendable {
    var rows = 0
    var leastKey = UInt128.max
    var greatestKey = UInt128.min
    var leastTime = Int64.max
    var greatestTime = Int64.min
  }

  private let fields: [Field]
  private let keyField: Int?
  private let timeField: Int?

  init(_ columns: [ExportedColumn]) {
    fields = columns.map { Field(key: $0.archived.jsonKey, form: $0.form) }
    keyField = columns.firstIndex { $0.isKey }
    timeField = columns.firstIndex { $0.isTime }
  }

  /// Appends a row's line, its end included, and widens what is known of the rows.
  ///
  /// - Throws: ``RunError`` when the row has other columns than the table had.
  func append(
    _ row: Span<UInt8>, to line: inout [UInt8], _ bounds: inout Bounds
  ) throws(RunError) {
    guard Int(row.integer(at: 0, as: Int16.self)) == fields.count else {
      throw RunError(.failed, "the server sent a row of other columns than the table has")
    }
    var at = 2
    var separator = UInt8(ascii: "{")
    for index in fields.indices {
      let count = Int(row.integer(at: at, as: Int32.self))
      at += 4
      guard count >= 0 else { continue }
      line.append(separator)
      separator = UInt8(ascii: ",")
      line.append(0..<fields[index].key.count, of: fields[index].key)
      if index == keyField, count == 16 {
        bounds.add(key: row.integer(at: at))
      }
      if index == timeField { bounds.add(time: row.integer(at: at)) }
      line.append(fields[index].form, row, at..<at + count)
      at += count
    }
    if separator == UInt8(ascii: "{") { line.append(separator) }
    line.append(UInt8(ascii: "}"))
    line.append(0x0A)
    bounds.rows += 1
  }
}
