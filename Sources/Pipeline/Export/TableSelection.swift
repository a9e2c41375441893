internal import Archive

/// The rows of one table that are wanted, and the members that can hold some of them.
struct TableSelection: Sendable {
  /// What a row must be like.
  struct Filter: Sendable {
    /// Sessions it must be of; nil for any.
    var keys: KeySet?
    /// The time it must not be before; nil for any.
    var since: Int64?
    /// Sessions whose rows are wanted whatever their time.
    var parents = KeySet([])

    func allows(key: UInt128?, time: Int64?) -> Bool {
      if let keys {
        guard let key, keys.contains(key) else { return false }
      }
      guard let since else { return true }
      if let time, time >= since { return true }
      return key.map { parents.contains($0) } ?? false
    }

    /// Whether some rows whose least and greatest values are known may be allowed; unknown ones may.
    func mayAllow(keys range: ArchivedRange?, times: ArchivedRange?) -> Bool {
      if let keys, let range, !keys.meets(range) { return false }
      guard let since, let times, times.greatest.postgresTime < since else { return true }
      return range.map { parents.meets($0) } ?? !parents.isEmpty
    }
  }

  let table: ArchivedTable
  /// Nil where all rows are wanted.
  private let filter: Filter?
  private let fields: LineFields

  init(_ table: ArchivedTable, _ format: ArchiveFormat, _ filter: Filter?) {
    self.table = table
    self.filter = filter
    fields = LineFields(
      table.columns, format, [table.sessionColumn, table.hasTimes ? "created_at" : nil])
  }

  /// Whether all rows are wanted.
  var isWhole: Bool { filter == nil }

  /// Parts and members that may hold wanted rows.
  func mayHold(_ part: ArchivedPart) -> Bool {
    filter?.mayAllow(keys: part.keys, times: part.times) ?? true
  }

  /// The same of one member; what an older archive does not tell of its times may hold some.
  func mayHold(_ member: ArchivedMember) -> Bool {
    filter?.mayAllow(keys: member.keys, times: member.times) ?? true
  }

  /// How many members there are, and how many of them may hold wanted rows.
  var memberCounts: (needed: Int, all: Int) {
    var counts = (needed: 0, all: 0)
    for part in table.parts {
      counts.all += part.members.count
      if mayHold(part) { counts.needed += part.members.count(where: mayHold) }
    }
    return counts
  }

  /// Bytes of the members that are needed.
  var packedBytes: Int {
    table.parts.filter(mayHold).flatMap(\.members).filter(mayHold).reduce(0) {
      $0 + $1.packedBytes
    }
  }

  /// The wanted ones of a member's lines.
  func wanted(_ lines: [UInt8]) throws(RunError) -> [UInt8] {
    guard let filter else { return lines }
    var wanted: [UInt8] = []
    var ranges: [Range<Int>?] = [nil, nil]
    let span = lines.span
    var start = 0
    while start < span.count {
      let end = try fields.find(span, from: start, &ranges)
      let (key, time) = (
        ranges[0].flatMap { span.uuid($0) }, ranges[1].map { span.postgresTime($0) }
      )
      if filter.allows(key: key, time: time) { wanted.append(contentsOf: lines[start..<end]) }
      start = end
    }
    return wanted
  }

  /// Adds the sessions that wanted lines belong to.
  func addKeys(of lines: [UInt8], to keys: inout Set<UInt128>) throws(RunError) {
    var ranges: [Range<Int>?] = [nil, nil]
    let span = lines.span
    var start = 0
    while start < span.count {
      start = try fields.find(span, from: start, &ranges)
      if let key = ranges[0].flatMap({ span.uuid($0) }) { keys.insert(key) }
    }
  }
}

/// Session ids, asked for single ones and for ranges.
struct KeySet: Sendable {
  private let keys: Set<UInt128>
  private let sorted: [UInt128]

  init(_ keys: Set<UInt128>) {
    self.keys = keys
    sorted = keys.sorted()
  }

  var isEmpty: Bool { sorted.isEmpty }

  func contains(_ key: UInt128) -> Bool { keys.contains(key) }

  /// Whether one of them is in a range.
  func meets(_ range: ArchivedRange) -> Bool {
    guard let least = range.least.uuidValue, let greatest = range.greatest.uuidValue else {
      return true
    }
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < least { low = middle + 1 } else { high = middle }
    }
    return low < sorted.count && sorted[low] <= greatest
  }
}

extension ArchivedTable {
  /// Whether it is the table of sessions.
  var isSessions: Bool { title == "exai_sessions" }

  /// The column that tells the session a row is of; nil where rows are of none.
  var sessionColumn: String? {
    let name = isSessions ? "id" : "session_id"
    return columns.contains { $0.name == name && $0.form == ValueForm.uuid.name } ? name : nil
  }

  /// Whether `created_at` is a time of its rows.
  var hasTimes: Bool {
    columns.contains { $0.name == "created_at" && $0.form == ValueForm.timestamptz.name }
  }
}
