/// What of a dump is not loaded, by name.
struct PassedOver {
  struct Entry {
    var name: String
    var statements = 0
    var rows = 0
    /// Of the first of them.
    var place: Place
  }

  /// Tables that are not of the family.
  private(set) var tables: [Entry] = []
  /// Kinds of statements that bring no rows.
  private(set) var statements: [Entry] = []
  /// Statements that would bring rows of tables that are loaded, in a form that is not read.
  private(set) var unread: [(text: String, place: Place)] = []
  private var pending = 0

  mutating func beginStatement(of table: String, isKnown: Bool) {
    guard !isKnown else { return }
    if let index = tables.firstIndex(where: { $0.name == table }) {
      tables[index].statements += 1
    } else {
      pending += 1
    }
  }

  /// Counts a row of a table that has had one; false of the first.
  mutating func addFurtherRow(of table: String) -> Bool {
    guard let index = tables.firstIndex(where: { $0.name == table }) else { return false }
    tables[index].rows += 1
    return true
  }

  mutating func addFirstRow(of table: String, at place: Place) {
    tables.append(Entry(name: table, statements: pending, rows: 1, place: place))
    pending = 0
  }

  /// Counts a row of a table that is known, and not wanted.
  mutating func add(_ place: Place, of table: String, rows: Int = 1) {
    if !addFurtherRow(of: table) { addFirstRow(of: table, at: place) }
    guard let index = tables.firstIndex(where: { $0.name == table }) else { return }
    tables[index].rows += rows - 1
  }

  /// Notes a statement that brings rows in a form that is not read; of another table it is one like any other.
  mutating func addUnread(_ form: String, of name: DumpName, at place: Place) {
    guard DumpTable(rawValue: name.table) != nil else { return addStatement(form, at: place) }
    unread.append(("\(form) into \(name.text)", place))
  }

  mutating func addStatement(_ kind: String, at place: Place) {
    if let index = statements.firstIndex(where: { $0.name == kind }) {
      statements[index].statements += 1
    } else {
      statements.append(Entry(name: kind, statements: 1, place: place))
    }
  }
}
