internal import Archive
internal import Crypto

/// The dumps of a run, read through once into parts that each hold whole conversations.
///
/// What is handed out depends on the dumps alone: a part's number is a hash of the conversation's id.
struct DumpSource: ~Copyable {
  let place: SpillPlace
  /// Takes rows about files; nil where they are passed over.
  private let files: FileTables?
  private let zone: ZoneRules
  private var spill: RowSpill
  private(set) var layouts: [DumpLayout] = []
  private var doubling: [[DoubledBackslashes]] = []
  private var messageIds: MessageIds
  /// Known once all rows have been read.
  private var repeatedIds: RepeatedMessageIds?
  private var tape: JSONTape
  private var bus: BusReader
  private var remarks: [InputSegment] = []
  let digest: [UInt8]
  private var storedBytes = 0
  private var next = 0
  private var text: [UInt8] = []

  /// Prepares to read dumps, whose times without a zone are of `zone`.
  ///
  /// - Throws: ``RunError`` for want of memory.
  init(
    _ inputs: [PlannedInput], in place: SpillPlace, files: FileTables? = nil, zone: ZoneRules = .utc
  ) throws(RunError) {
    guard let tape = JSONTape() else { throw RunError(.failed, "out of memory") }
    let bus = try BusReader()
    self.tape = tape
    self.bus = bus
    self.place = place
    self.files = files
    self.zone = zone
    messageIds = MessageIds(directory: place.directory)
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
    try place.requireRoom(for: Self.knownBytes(inputs), of: "the rows of the dumps")
    var passed: [(input: PlannedInput, passage: Passage)] = []
    for input in inputs {
      if let passage = try read(input) { passed.append((input, passage)) }
    }
    for (input, passage) in passed { remarks.append(remark(input, passage)) }
    describeFiles()
  }

  /// Bytes of text the dumps hold about, a pipe none; text like this is a tenth when it is compressed.
  static func knownBytes(_ inputs: [PlannedInput]) -> Int {
    inputs.reduce(0) { sum, input in
      sum + (input.size ?? 0) * (input.path.hasSuffix(".gz") ? 10 : 1)
    }
  }

  /// The same with what a pipe may bring, of which nobody knows.
  private static func expectedBytes(_ inputs: [PlannedInput]) -> Int {
    knownBytes(inputs) + inputs.count { $0.size == nil } << 30
  }

  /// What was seen of a dump beside its rows.
  struct Passage {
    var passed = PassedOver()
    var damage: (place: Place, text: String)?
    var rowCount: Int
    var passedBytes = 0
  }

  /// Reads one dump through; nil where it cannot be opened.
  private mutating func read(_ input: PlannedInput) throws(RunError) -> Passage? {
    var opened: DumpReader?
    do throws(StreamError) {
      opened = try DumpReader(input)
    } catch { remarks.append(.unreadable(input, error)) }
    guard var reader = opened.take() else { return nil }
    var numbers: [Int] = []
    var rowBytes = 0
    var rowCount = 0
    var notedBytes = 0
    while let row = try reader.next() {
      guard try take(row, of: &reader, &numbers) else { continue }
      rowBytes += row.place.byteLength
      rowCount += 1
      if rowCount & 0xFFF == 0 {
        try place.check()
        place.note(rowBytes - notedBytes, 0x1000)
        notedBytes = rowBytes
      }
    }
    place.note(rowBytes - notedBytes, rowCount & 0xFFF)
    storedBytes += reader.storedBytes
    return Passage(
      passed: reader.passed, damage: reader.damage, rowCount: rowCount,
      passedBytes: reader.byteCount - rowBytes)
  }

  /// Puts a row where those of its record are, or are kept; false of one that is passed over.
  ///
  /// `numbers` has for each layout of the reader its number here.
  @discardableResult
  mutating func take(
    _ row: DumpReader.Row, of reader: inout DumpReader, _ numbers: inout [Int]
  ) throws(RunError) -> Bool {
    while numbers.count < reader.layouts.count {
      numbers.append(intern(reader.layouts[numbers.count]))
    }
    let layout = numbers[row.layout]
    let isOfFiles = layouts[layout].table.isOfFiles
    guard !isOfFiles || files != nil else {
      reader.passed.add(row.place, of: layouts[layout].table.rawValue)
      return false
    }
    let hash = look(at: row, layout, reader.buffer, reader.fields)
    if isOfFiles {
      files?.add(row, of: reader.buffer, layout, layouts[layout], reader.fields)
      return true
    }
    do throws(FileError) {
      try spill.add(row.range, of: reader.buffer, hash: hash, layout: layout, place: row.place)
      try noteId(of: row, layouts[layout], reader.buffer, reader.fields, of: hash)
    } catch { throw RunError(.fileAccess, error.description) }
    return true
  }

  /// Counts bytes that were read of what there is.
  mutating func countStored(_ bytes: Int) { storedBytes += bytes }

  /// Says what the rows about files look like, once all have been read.
  func describeFiles() {
    files?.describe(layouts, doubled: doubling.map { $0.map(\.isDoubled) })
  }

  /// Notes that a table has been read.
  mutating func remark(on table: PlannedInput, rowCount: Int) {
    var passed = PassedOver()
    let name = DumpName.table(of: table.name)
    let isPassedOver = files == nil && DumpTable(rawValue: name)?.isOfFiles == true
    if isPassedOver, rowCount > 0 {
      let place = Place(input: table.index, line: 0, byteOffset: 0, byteLength: 0)
      passed.add(place, of: name, rows: rowCount)
    }
    remarks.append(remark(table, Passage(passed: passed, rowCount: rowCount)))
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
    if layouts[layout].table == .messageBus {
      appendBusKey(layouts[layout], bytes, fields)
    } else {
      key.append(of: bytes, to: &text)
    }
    return WyHash.hash(text.span, 0..<text.count)
  }

  /// Keeps the id of a message whose conversation is known, if it is one that its row keeps.
  private mutating func noteId(
    of row: DumpReader.Row, _ layout: DumpLayout, _ bytes: [UInt8], _ fields: [RowField],
    of conversation: UInt64
  ) throws(FileError) {
    guard layout.table == .messages, fields.count == layout.columns.count, let column = layout.id,
      fields[layout.key].form != .null, fields[layout.key].form != .expression,
      fields[column].range.count == RowId.textLength,
      let id = RowId(uuid: bytes.span.extracting(fields[column].range))
    else { return }
    try messageIds.add(id, of: conversation, at: row.place)
  }

  /// The key of a row of the bus, which its payload may say.
  ///
  /// Whether the payload's backslashes are doubled is not known before the last row, so they are undone where
  /// it is no JSON with them.
  private mutating func appendBusKey(
    _ layout: DumpLayout, _ bytes: [UInt8], _ fields: [RowField]
  ) {
    var stored: [UInt8] = []
    if let column = layout.content, fields[column].form != .null {
      fields[column].append(of: bytes, to: &stored)
    }
    if tape.parse(stored, 0..<stored.count) != nil, let undone = DoubledBackslashes.undone(stored) {
      stored = undone
    }
    var session: [UInt8] = []
    layout.appendSession(of: fields, in: bytes, to: &session)
    let payload = bus.read(stored, layout.account(of: fields, in: bytes), isUnchecked: true)
    text += payload.key(session: session)
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
    var files: FileTables?
    /// What tells the dumps from others.
    var digest: [UInt8]
    /// Stored bytes that count for the part.
    var storedBytes: Int
    /// Ids that messages of other conversations keep.
    var repeatedIds = RepeatedMessageIds()
    /// Of times without one.
    var zone: ZoneRules
  }

  /// What is handed out of a part.
  enum Handout {
    case rows(Rows)
    /// A part that is more than is held at once: what is known of it beside its rows, and these.
    case long(Rows, RowSpill.Blocks)
  }

  /// The rows of the next part that has any; nil when all have been handed out.
  ///
  /// A part that is more than `longBytes` is not read here.
  mutating func nextRows(longBytes: Int) throws(RunError) -> Handout? {
    if repeatedIds == nil {
      do throws(FileError) { repeatedIds = try messageIds.repeated() } catch {
        throw RunError(.fileAccess, error.description)
      }
      messageIds = MessageIds(directory: place.directory)
    }
    while next < spill.partCount {
      let number = next
      next += 1
      guard spill.byteCount(of: number) <= longBytes else {
        return .long(
          rows(of: number, [], SourceRows(bytes: [], layouts: layouts)), spill.takeBlocks(number))
      }
      let taken: (entries: [RowSpill.Entry], bytes: [UInt8])
      do throws(FileError) {
        taken = try spill.take(number)
      } catch { throw RunError(.fileAccess, error.description) }
      guard !taken.entries.isEmpty else { continue }
      return .rows(
        rows(of: number, taken.entries, SourceRows(bytes: taken.bytes, layouts: layouts)))
    }
    return nil
  }

  /// All rows of a source of one part, which is not read here.
  mutating func takeLongPart() throws(RunError) -> (Rows, RowSpill.Blocks) {
    (rows(of: 0, [], SourceRows(bytes: [], layouts: layouts)), spill.takeBlocks(0))
  }

  private func rows(of number: Int, _ entries: [RowSpill.Entry], _ rows: SourceRows) -> Rows {
    Rows(
      number: number, entries: entries, rows: rows, doubled: doubling.map { $0.map(\.isDoubled) },
      files: files, digest: digest, storedBytes: storedBytes / spill.partCount,
      repeatedIds: repeatedIds ?? RepeatedMessageIds(), zone: zone)
  }
}
