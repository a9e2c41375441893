internal import Archive
internal import Crypto

/// Where rows of a dump wait for the rest of their conversation, and what may end the waiting.
struct SpillPlace: Sendable {
  /// Must exist when the first row comes; its file system takes the rows.
  var directory: String
  /// Throws when the run is to stop.
  var check: @Sendable () throws(RunError) -> Void
}

/// The dumps of a run, read through once into parts that each hold whole conversations.
///
/// What is handed out depends on the dumps alone: a part's number is a hash of the conversation's id.
struct DumpSource: ~Copyable {
  private let place: SpillPlace
  private var spill: RowSpill
  private var layouts: [DumpLayout] = []
  private var doubling: [[DoubledBackslashes]] = []
  private var tape: JSONTape
  private var remarks: [InputSegment] = []
  private let digest: [UInt8]
  private var storedBytes = 0
  private var next = 0
  private var text: [UInt8] = []

  /// Prepares to read dumps.
  ///
  /// - Throws: ``RunError`` for want of memory.
  init(_ inputs: [PlannedInput], in place: SpillPlace) throws(RunError) {
    guard let tape = JSONTape() else { throw RunError(.failed, "out of memory") }
    self.tape = tape
    self.place = place
    spill = RowSpill(
      directory: place.directory,
      partCount: RowSpill.partCount(inputBytes: Self.expectedBytes(inputs)))
    var hash = SHA256()
    for input in inputs {
      hash.update(data: Array(input.name.utf8) + [0])
      hash.update(data: input.fingerprint ?? [])
    }
    digest = Array(hash.finalize())
  }

  /// Reads the dumps through.
  ///
  /// - Throws: ``RunError`` for want of room, for a row beyond the limit, and when the run is to stop.
  mutating func read(_ inputs: [PlannedInput]) throws(RunError) {
    try place.requireRoom(for: Self.expectedBytes(inputs), of: "the rows of the dumps")
    for input in inputs { try read(input) }
  }

  /// Bytes of text the dumps hold about; text like this is a tenth when it is compressed, and nobody knows
  /// of a pipe.
  private static func expectedBytes(_ inputs: [PlannedInput]) -> Int {
    inputs.reduce(0) { sum, input in
      guard let size = input.size else { return sum + (1 << 30) }
      return sum + (input.path.hasSuffix(".gz") ? 10 * size : size)
    }
  }

  private mutating func read(_ input: PlannedInput) throws(RunError) {
    var opened: DumpReader?
    do throws(StreamError) {
      opened = try DumpReader(input)
    } catch { remarks.append(.unreadable(input, error)) }
    guard var reader = opened.take() else { return }
    var numbers: [Int] = []
    var rowBytes = 0
    var rowCount = 0
    while let row = try reader.next() {
      while numbers.count < reader.layouts.count {
        numbers.append(intern(reader.layouts[numbers.count]))
      }
      let layout = numbers[row.layout]
      let hash = look(at: row, layout, reader.buffer, reader.fields)
      rowBytes += row.place.byteLength
      rowCount += 1
      do throws(FileError) {
        try spill.add(row.range, of: reader.buffer, hash: hash, layout: layout, place: row.place)
      } catch { throw RunError(.fileAccess, error.description) }
      if rowCount & 0xFFF == 0 { try place.check() }
    }
    storedBytes += reader.storedBytes
    remarks.append(
      remark(input, reader.passed, reader.damage, rowCount, reader.byteCount - rowBytes))
  }

  /// What the conversation of a row hashes to; looks at its JSON on the way.
  private mutating func look(
    at row: DumpReader.Row, _ layout: Int, _ bytes: [UInt8], _ fields: [RowField]
  ) -> UInt64 {
    guard fields.count == layouts[layout].columns.count else {
      return WyHash.hash(bytes.span, row.range)
    }
    for column in fields.indices
    where layouts[layout].isJSON[column] && fields[column].form != .null
      && bytes.firstIndex(of: UInt8(ascii: "\\"), in: fields[column].range) != nil
    {
      text.removeAll(keepingCapacity: true)
      fields[column].append(of: bytes, to: &text)
      doubling[layout][column].look(at: text, &tape)
    }
    let key = fields[layouts[layout].key]
    guard key.form != .null, key.form != .expression else {
      return WyHash.hash(bytes.span, row.range)
    }
    text.removeAll(keepingCapacity: true)
    key.append(of: bytes, to: &text)
    return WyHash.hash(text.span, 0..<text.count)
  }

  private mutating func intern(_ layout: DumpLayout) -> Int {
    if let known = layouts.firstIndex(where: {
      $0.head == layout.head && $0.columns == layout.columns && $0.isJSON == layout.isJSON
    }) {
      return known
    }
    layouts.append(layout)
    doubling.append(Array(repeating: DoubledBackslashes(), count: layout.columns.count))
    return layouts.count - 1
  }

  /// What is to be told of a dump beside its rows.
  private func remark(
    _ input: PlannedInput, _ passed: PassedOver, _ damage: (place: Place, text: String)?,
    _ rowCount: Int, _ passedBytes: Int
  ) -> InputSegment {
    let end = damage?.place ?? Place(input: input.index, line: 1, byteOffset: 0, byteLength: 0)
    var segment = InputSegment(
      input: input.index, bytes: [], layout: .documents, records: [], byteOffset: end.byteOffset,
      firstLine: end.line, isFirst: rowCount == 0, isLast: true, fingerprint: digest,
      damage: damage?.text)
    segment.passedBytes = max(0, passedBytes)
    segment.isCompressed = input.path.hasSuffix(".gz")
    for table in passed.tables {
      segment.remarks.append(
        SourceRemark(
          rule: .tableSkipped, place: table.place,
          message: "table \(table.name), \(table.rows) rows: not of the tables that are loaded"))
    }
    for kind in passed.statements {
      segment.remarks.append(
        SourceRemark(
          rule: .statementSkipped, place: kind.place,
          message: "\(kind.name), \(kind.statements) times: a dump is read and not run"))
    }
    return segment
  }

  /// What is to be told of the dumps, the first time.
  mutating func takeRemarks() -> SourceBatch? {
    guard !remarks.isEmpty else { return nil }
    defer { remarks = [] }
    return SourceBatch(segments: remarks, storedBytes: 0)
  }

  /// The rows of one part, as they were spilled.
  struct Rows {
    var number: Int
    var entries: [RowSpill.Entry]
    var rows: SourceRows
    /// For each layout, which columns have doubled backslashes.
    var doubled: [[Bool]]
    /// What tells the dumps from others.
    var digest: [UInt8]
    /// Stored bytes that count for the part.
    var storedBytes: Int
  }

  /// The rows of the next part that has any; nil when all have been handed out.
  mutating func nextRows() throws(RunError) -> Rows? {
    while next < spill.partCount {
      let number = next
      next += 1
      let taken: (entries: [RowSpill.Entry], bytes: [UInt8])
      do throws(FileError) {
        taken = try spill.take(number)
      } catch { throw RunError(.fileAccess, error.description) }
      guard !taken.entries.isEmpty else { continue }
      return Rows(
        number: number, entries: taken.entries,
        rows: SourceRows(bytes: taken.bytes, layouts: layouts),
        doubled: doubling.map { $0.map(\.isDoubled) }, digest: digest,
        storedBytes: storedBytes / spill.partCount)
    }
    return nil
  }
}

extension DumpSource.Rows {
  /// The rows of a reject, which is a dump that has only these; nil where it is none.
  init?(of reject: Reject) {
    guard var tape = JSONTape() else { return nil }
    var reader = DumpReader(reject.bytes, input: reject.place.input)
    var entries: [RowSpill.Entry] = []
    var doubling: [[DoubledBackslashes]] = []
    // A row beyond the limit was none when it was rejected.
    while let row = try? reader.next() {
      let layout = reader.layouts[row.layout]
      while doubling.count < reader.layouts.count {
        let columns = reader.layouts[doubling.count].columns.count
        doubling.append(Array(repeating: DoubledBackslashes(), count: columns))
      }
      for column in reader.fields.indices where column < layout.columns.count {
        guard layout.isJSON[column], reader.fields[column].form != .null else { continue }
        var text: [UInt8] = []
        reader.fields[column].append(of: reader.buffer, to: &text)
        doubling[row.layout][column].look(at: text, &tape)
      }
      entries.append(
        RowSpill.Entry(hash: 0, layout: row.layout, place: reject.place, range: row.range))
    }
    guard !entries.isEmpty else { return nil }
    self.init(
      number: 0, entries: entries,
      rows: SourceRows(bytes: reader.buffer, layouts: reader.layouts),
      doubled: doubling.map { $0.map(\.isDoubled) }, digest: [], storedBytes: 0)
  }
}
