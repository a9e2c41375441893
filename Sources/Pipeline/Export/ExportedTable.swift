internal import Archive

/// A column as an export reads it.
struct ExportedColumn: Sendable {
  let name: String
  /// Type as SQL writes it.
  let type: String
  let form: ValueForm
  /// Whether rows of one conversation share its value: the key whose range a manifest tells.
  var isKey = false
  let isNotNull: Bool
  let expression: String?
  let isGenerated: Bool
  let identity: String?

  var archived: ArchivedColumn {
    ArchivedColumn(
      name: name, type: type, form: form.name, isNotNull: isNotNull, expression: expression,
      isGenerated: isGenerated, identity: identity)
  }
}

/// A table as an export finds it: definition, size, and the ranges its parts cover.
struct ExportedTable: Sendable {
  let schema: String
  let name: String
  /// Both as the server writes them.
  let sqlName: String
  let columns: [ExportedColumn]
  let constraints: [ArchivedConstraint]
  let indexes: [ArchivedIndex]
  /// Blocks of the table itself.
  let blocks: Int
  /// Bytes of the table and of the values stored beside it, without indexes.
  let bytes: Int
  /// Blocks a part covers, but for the last one, which has no end.
  private(set) var partBlocks = 1

  var title: String { schema == "public" ? name : "\(schema).\(name)" }

  /// The count of its parts; an empty table has one too.
  var partCount: Int { max(1, (blocks + partBlocks - 1) / partBlocks) }

  /// Cuts the table into ranges whose bounds stay where they are as it grows.
  ///
  /// Bounds are multiples of a power of two of blocks. It is what makes a part cover `partBytes` at most, or
  /// else what the last archive had, as long as that is no further off than twice or half: a table that grows
  /// by long values would otherwise be cut anew when nothing in most of its blocks has changed.
  mutating func cut(partBytes: Int, former: Int?) {
    let blockBytes = max(1, bytes / max(1, blocks))
    var fitting = 1
    while fitting * 2 * blockBytes <= partBytes { fitting *= 2 }
    partBlocks = fitting
    if let former, former == fitting * 2 || former * 2 == fitting { partBlocks = former }
  }

  /// The blocks a part covers; the last one's have no end, because none of the snapshot's rows may be missed.
  func range(ofPart index: Int) -> (first: Int, end: Int?) {
    (index * partBlocks, index + 1 < partCount ? (index + 1) * partBlocks : nil)
  }

  /// Bytes of a part as the server stores it, about.
  func bytes(ofPart index: Int) -> Int {
    let (first, end) = range(ofPart: index)
    return (min(end ?? blocks, blocks) - first) * (bytes / max(1, blocks))
  }

  /// The same table with some of its columns, cut anew.
  func reading(_ columns: [ExportedColumn], partBytes: Int) -> ExportedTable {
    var table = ExportedTable(
      schema: schema, name: name, sqlName: sqlName, columns: columns, constraints: constraints,
      indexes: indexes, blocks: blocks, bytes: bytes)
    table.cut(partBytes: partBytes, former: nil)
    return table
  }

  var archived: ArchivedTable {
    ArchivedTable(
      schema: schema, name: name, sqlName: sqlName, columns: columns.map(\.archived),
      constraints: constraints,
      indexes: indexes, partBlocks: partBlocks)
  }
}
