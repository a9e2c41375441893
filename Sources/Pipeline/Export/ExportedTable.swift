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
  /// Name of the column's own sequence, where its default is the next value of that.
  let sequence: String?

  /// Whether it is the time whose range a manifest tells.
  var isTime: Bool { name == "created_at" && form == .timestamptz }

  var archived: ArchivedColumn {
    ArchivedColumn(
      name: name, type: type, form: form.name, isNotNull: isNotNull, expression: expression,
      isGenerated: isGenerated, identity: identity, sequence: sequence)
  }
}

/// A table as an export finds it: definition, size, and the ranges its parts cover.
struct ExportedTable: Sendable {
  /// Where rows are: the table itself, or a partition that is not cut any further.
  struct Heap: Sendable {
    let name: QualifiedName
    let blocks: Int
  }

  /// A table whose rows are put into the lines of another one's.
  struct Member: Sendable {
    /// What they stand under.
    let key: String
    let name: QualifiedName
    /// The columns that tell their order.
    let order: [String]
  }

  let schema: String
  let name: String
  /// Both as the server writes them.
  let sqlName: String
  let columns: [ExportedColumn]
  let constraints: [ArchivedConstraint]
  let indexes: [ArchivedIndex]
  /// How it is partitioned; nil where it is not.
  var partitioning: ArchivedPartitioning?
  /// One, or those of all partitions, in a fixed order.
  let heaps: [Heap]
  /// Bytes of the table and of the values stored beside it, without indexes.
  var bytes: Int
  /// Tables whose rows are put into the lines of this one's.
  var members: [Member] = []
  /// Blocks a part covers, but for the last one of a heap, which has no end.
  private(set) var partBlocks = 1

  var title: String { schema == "public" ? name : "\(schema).\(name)" }

  /// Blocks of all heaps.
  var blocks: Int { heaps.reduce(0) { $0 + $1.blocks } }

  /// The count of its parts; an empty heap has one too.
  var partCount: Int { heaps.reduce(0) { $0 + partCount(of: $1) } }

  private func partCount(of heap: Heap) -> Int {
    max(1, (heap.blocks + partBlocks - 1) / partBlocks)
  }

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

  /// The blocks a part covers, and of which heap; the last one's have no end, because none of the snapshot's
  /// rows may be missed.
  func range(ofPart index: Int) -> (heap: Int, first: Int, end: Int?) {
    var left = index
    for (place, heap) in heaps.enumerated() {
      let count = partCount(of: heap)
      guard left >= count else {
        return (place, left * partBlocks, left + 1 < count ? (left + 1) * partBlocks : nil)
      }
      left -= count
    }
    preconditionFailure("a table has no part \(index)")
  }

  /// The partition a part is of, for the manifest; nil where the table has none.
  func partition(ofPart index: Int) -> String? {
    partitioning == nil ? nil : heaps[range(ofPart: index).heap].name.title
  }

  /// Bytes of a part as the server stores it, about.
  func bytes(ofPart index: Int) -> Int {
    let (heap, first, end) = range(ofPart: index)
    let blocks = heaps[heap].blocks
    return (min(end ?? blocks, blocks) - first) * (bytes / max(1, self.blocks))
  }

  /// The same table with some of its columns, cut anew.
  func reading(_ columns: [ExportedColumn], partBytes: Int) -> ExportedTable {
    var table = ExportedTable(
      schema: schema, name: name, sqlName: sqlName, columns: columns, constraints: constraints,
      indexes: indexes, partitioning: partitioning, heaps: heaps, bytes: bytes)
    table.cut(partBytes: partBytes, former: nil)
    return table
  }

  var archived: ArchivedTable {
    var table = ArchivedTable(
      schema: schema, name: name, sqlName: sqlName, columns: columns.map(\.archived),
      constraints: constraints,
      indexes: indexes, partBlocks: partBlocks)
    table.partitioning = partitioning
    return table
  }
}
