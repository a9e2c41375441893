internal import Synchronization

/// Rows about files out of the dumps of a run: of `files`, `conversation_files` and `provider_file_uploads`.
///
/// They say of each other where they belong, so all of them are kept until the dumps are read; the lock guards
/// them. Memory: the rows as they stand, and 150 bytes for each.
final class FileTables: Sendable {
  fileprivate struct State {
    var bytes: [UInt8] = []
    var entries: [RowSpill.Entry] = []
    var layouts: [DumpLayout] = []
    var doubled: [[Bool]] = []
    /// Conversations that have files, with the continuation id of those that were met.
    var conversations: [[UInt8]: [UInt8]?] = [:]
    /// Hashes of what a file may be cited as: its id, and the one a provider gave it.
    var citable: Set<UInt64> = []
  }

  private let state = Mutex(State())

  /// Takes a row, whose values are `fields`.
  func add(
    _ row: DumpReader.Row, of bytes: [UInt8], _ layout: Int, _ table: DumpLayout,
    _ fields: [RowField]
  ) {
    state.withLock { state in
      let start = state.bytes.count
      state.bytes.append(row.range, of: bytes)
      state.entries.append(
        RowSpill.Entry(
          hash: 0, layout: layout, place: row.place, range: start..<state.bytes.count))
      guard fields.count == table.columns.count else { return }
      switch table.table {
      case .conversationFiles:
        var conversation: [UInt8] = []
        fields[table.key].append(of: bytes, to: &conversation)
        state.conversations[conversation] = .some(nil)
      case .files:
        for (column, name) in table.columns.enumerated()
        where FileRecord.citableColumns.contains(name) && fields[column].form != .null {
          var id: [UInt8] = []
          fields[column].append(of: bytes, to: &id)
          state.citable.insert(WyHash.hash(id.span, 0..<id.count))
        }
      case .providerUploads, .conversations, .messages, .conversationThreads, .messageBus: break
      }
    }
  }

  /// Sorts ids by which a message cites files into those that rows have and others; nil where there are no
  /// rows of files.
  func cited(_ ids: [[UInt8]]) -> (known: [[UInt8]], others: [[UInt8]])? {
    state.withLock { state in
      guard !state.citable.isEmpty else { return nil }
      var split: (known: [[UInt8]], others: [[UInt8]]) = ([], [])
      for id in ids {
        if state.citable.contains(WyHash.hash(id.span, 0..<id.count)) {
          split.known.append(id)
        } else {
          split.others.append(id)
        }
      }
      return split
    }
  }

  /// Says what the rows' layouts are, and which of their columns have doubled backslashes.
  func describe(_ layouts: [DumpLayout], doubled: [[Bool]]) {
    state.withLock { state in
      state.layouts = layouts
      state.doubled = doubled
    }
  }

  /// Whether a conversation has files.
  func isLinked(_ conversation: [UInt8]) -> Bool {
    state.withLock { $0.conversations[conversation] != nil }
  }

  /// Notes what a conversation is called whose rows were met.
  func note(_ conversation: [UInt8], continuationId: [UInt8]) {
    state.withLock { $0.conversations[conversation] = .some(continuationId) }
  }

  /// The continuation id of a conversation whose rows were met.
  func continuationId(of conversation: [UInt8]) -> [UInt8]? {
    state.withLock { $0.conversations[conversation] ?? nil }
  }

  /// What the rows say together.
  func records() throws(RunError) -> FileRecords {
    try state.withLock { state throws(RunError) in
      var reader = try FileRowReader(
        SourceRows(bytes: state.bytes, layouts: state.layouts), doubled: state.doubled)
      var records = FileRecords()
      for entry in state.entries {
        records.add(reader.read(entry), state.layouts[entry.layout].table)
      }
      records.join()
      return records
    }
  }
}
