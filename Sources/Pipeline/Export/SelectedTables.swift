internal import Archive

/// A selection made into the tables and rows of one archive.
struct SelectedTables: Sendable {
  /// The tables of which rows are wanted, in the archive's order.
  private(set) var tables: [TableSelection] = []
  /// Tables whose rows cannot be told to be wanted, with the reason.
  private(set) var passedOver: [String] = []

  /// Reads what the selection makes necessary: sessions, to find ids; of tables with times, the members that
  /// are new enough, to find the sessions their rows belong to.
  ///
  /// - Throws: ``RunError`` for a table or session the archive has not, and of kind `overBudget` for damage.
  init(_ selection: ArchiveSelection, _ archive: ArchiveDirectory) async throws {
    let format = try archive.format()
    let known = archive.manifest.tables
    if let unknown = selection.tables.first(where: { name in !known.contains { $0.title == name } })
    {
      throw RunError(
        .failed, "\(archive.path) has no table \(unknown)",
        hint: "it has \(known.map(\.title).joined(separator: ", "))")
    }
    let chosen = known.filter {
      selection.tables.isEmpty || selection.tables.contains($0.title)
    }
    guard !selection.hasAllRows else {
      tables = chosen.map { TableSelection($0, format, nil) }
      return
    }
    var filter = TableSelection.Filter(since: selection.since)
    if !selection.sessions.isEmpty {
      filter.keys = KeySet(try await Self.keys(of: selection.sessions, archive, format))
    }
    var parents: Set<UInt128> = []
    for table in chosen {
      if filter.keys != nil, table.sessionColumn == nil {
        passedOver.append("\(table.title): its rows are of no session")
      } else if filter.since != nil, !table.hasTimes {
        passedOver.append("\(table.title): it has no created_at")
      } else {
        let rows = TableSelection(table, format, filter)
        tables.append(rows)
        guard filter.since != nil, !table.isSessions, table.sessionColumn != nil else { continue }
        try await rows.forEachMember(in: archive) { lines throws(RunError) in
          try rows.addKeys(of: lines, to: &parents)
        }
      }
    }
    filter.parents = KeySet(parents)
    for index in tables.indices where tables[index].table.isSessions {
      tables[index] = TableSelection(tables[index].table, format, filter)
    }
  }

  /// The ids of sessions that are named by them or by their continuation ids.
  private static func keys(
    of names: [String], _ archive: ArchiveDirectory, _ format: ArchiveFormat
  ) async throws -> Set<UInt128> {
    guard let sessions = archive.manifest.tables.first(where: \.isSessions) else {
      throw RunError(.failed, "\(archive.path) has no table exai_sessions")
    }
    let fields = LineFields(sessions.columns, format, ["id", "continuation_id"])
    let wanted = names.map { fields.written($0) }
    var isMissing = Array(repeating: true, count: wanted.count)
    var found: Set<UInt128> = []
    try await TableSelection(sessions, format, nil).forEachMember(in: archive) {
      lines throws(RunError) in
      var ranges: [Range<Int>?] = [nil, nil]
      let span = lines.span
      var start = 0
      while start < span.count {
        start = try fields.find(span, from: start, &ranges)
        guard let id = ranges[0], let key = span.uuid(id) else { continue }
        for range in ranges {
          guard let range else { continue }
          for (index, name) in wanted.enumerated()
          where name.count == range.count && span.holds(name.span, at: range.lowerBound) {
            isMissing[index] = false
            found.insert(key)
          }
        }
      }
    }
    if let index = isMissing.firstIndex(of: true) {
      throw RunError(.failed, "\(archive.path) has no session \(names[index])")
    }
    return found
  }
}
