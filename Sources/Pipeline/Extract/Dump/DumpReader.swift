internal import Archive

/// Reads rows of known tables out of a dump.
///
/// That is SQL as `pg_dump` and dashboards write it, or CSV with a line of names. Nothing is executed; what
/// else is in the dump is passed over and counted by name.
///
/// Memory: a buffer of about `bufferBytes`, or twice the longest row where that is more.
struct DumpReader: ~Copyable {
  /// A row, whose values are ``fields`` until the next one is read.
  struct Row {
    /// Index into ``layouts``.
    var layout: Int
    /// In ``buffer``.
    var range: Range<Int>
    var place: Place
  }

  enum State {
    case statement
    /// Between tuples; no layout for a table that is passed over.
    case tuples(Int?)
    /// Between lines of COPY's text form.
    case lines(Int?)
    /// Between rows of CSV; `endsInDot` inside COPY.
    case csv(Int?, endsInDot: Bool)
    case done
  }

  private let input: Int32
  /// Nil where all there is stands in the buffer.
  private var stream: ByteStream?
  private let name: String
  /// How its characters were stored where it has no byte order mark.
  let encoding: TextEncoding
  private let bufferBytes: Int
  var buffer: [UInt8] = []
  var fields: [RowField] = []
  var layouts: [DumpLayout] = []
  var passed = PassedOver()
  /// Why reading ended before the input did.
  var damage: (place: Place, text: String)?
  /// Why what is there is not read, though all of it may be.
  private(set) var refusal: String?
  var state = State.statement
  var at = 0
  var isEnd = false
  /// Offset and line of the buffer's start and of the place lines were counted to.
  private var base = 0
  private var line = 1
  private var lineAt = 0
  /// The beginning of the last INSERT, for the next one is mostly the same.
  var lastHead: [UInt8] = []
  var lastLayout: Int?
  var tableName = ""
  /// Columns of the tables that the dump defines.
  var defined: [String: (names: [String], json: Set<String>)] = [:]
  private var isBegun = false

  init(_ input: PlannedInput, bufferBytes: Int = 1 << 20) throws(StreamError) {
    self.input = input.index
    self.bufferBytes = bufferBytes
    name = input.name
    encoding = input.encoding
    stream = try ByteStream(path: input.path, assuming: input.encoding)
  }

  /// Reads a dump that is in memory; its rows stay where they are in ``buffer``.
  init(_ bytes: [UInt8], input: Int32 = 0) {
    self.input = input
    bufferBytes = 0
    name = ""
    encoding = .utf8
    buffer = bytes
    isEnd = true
  }

  /// Tables of known names that the dump defines with the columns that are needed.
  var definedTables: [String] {
    defined.values.compactMap { columns in
      DumpTable.allCases.first { $0.fits(columns.names) }?.rawValue
    }.sorted()
  }

  /// Bytes of text read so far.
  var byteCount: Int { base + buffer.count }
  /// Stored bytes read so far.
  private(set) var storedBytes = 0

  /// The next row; nil at the end.
  ///
  /// - Throws: ``RunError`` for a row or statement beyond the limit.
  mutating func next() throws(RunError) -> Row? {
    if !isBegun { try begin() }
    while true {
      let start = at
      let row: Row?
      switch state {
      case .statement: row = step(statement())
      case .tuples(let layout): row = step(tuple(layout))
      case .lines(let layout): row = step(copyLine(layout))
      case .csv(let layout, let endsInDot): row = step(csvRow(layout, endsInDot: endsInDot))
      case .done: return nil
      }
      if let row { return row }
      guard needsMore else { continue }
      needsMore = false
      at = start
      try readMore()
    }
  }

  /// What reading one thing came to.
  enum Outcome {
    case row(Row)
    case passed
    /// The buffer ends inside of it.
    case cutOff
  }

  private var needsMore = false

  private mutating func step(_ outcome: Outcome) -> Row? {
    switch outcome {
    case .row(let row): return row
    case .passed: return nil
    case .cutOff:
      needsMore = true
      return nil
    }
  }

  private mutating func begin() throws(RunError) {
    isBegun = true
    if !isEnd { try readMore() }
    guard let header = CSVHeader(buffer, isEnd: isEnd) else {
      if let problem = DumpSign.problem(buffer, isAll: isEnd) { _ = refuse(problem) }
      return
    }
    at = header.end
    tableName = header.table.rawValue
    let layout = DumpLayout(
      header.table, form: .csv, columns: header.columns, jsonColumns: [],
      head: Array(buffer[header.range]))
    state = .csv(layout.map { intern($0) }, endsInDot: false)
  }

  /// Forgets what was passed and reads on; what is there when the input ends is cut off.
  private mutating func readMore() throws(RunError) {
    guard !isEnd else { return end() }
    countLines(to: at)
    if at > 0 {
      buffer.removeSubrange(..<at)
      base += at
      (at, lineAt) = (0, 0)
    }
    guard buffer.count < InputReader.recordBytesLimit else {
      throw RunError(
        .failed,
        "\(name):\(line): a row is longer than \(InputReader.recordBytesLimit >> 20) MiB")
    }
    let target = max(bufferBytes, buffer.count * 2)
    buffer.reserveCapacity(target)
    guard var source = stream.take() else {
      isEnd = true
      return
    }
    do throws(StreamError) {
      while buffer.count < target, !isEnd {
        isEnd = try source.read(into: &buffer, upTo: target - buffer.count) == 0
      }
    } catch {
      isEnd = true
      damage = (place(at..<at), error.description)
    }
    storedBytes = source.compressedBytesRead
    stream = .some(consume source)
  }

  /// Ends the reading where something is cut off, or nothing is left.
  mutating func end() {
    let isClean: Bool
    switch state {
    case .statement:
      // White space and comments are no statement, the last comment's missing line end no damage.
      let rest = Array(buffer[at...]) + Array("\n;".utf8)
      isClean = rest.span.sqlToken(from: 0) == rest.count - 1
    case .csv(_, endsInDot: false): isClean = at == buffer.count
    default: isClean = false
    }
    if !isClean, damage == nil {
      damage = (place(at..<at), "the dump ends inside a statement")
    }
    state = .done
  }

  /// Ends the reading at bytes that are no dump.
  mutating func refuse(_ text: String) -> Outcome {
    refusal = text
    damage = (place(at..<at), "\(text); nothing from here on was read")
    state = .done
    return .passed
  }

  private mutating func countLines(to end: Int) {
    line += buffer.count(of: 0x0A, in: lineAt..<end)
    lineAt = end
  }

  mutating func place(_ range: Range<Int>) -> Place {
    countLines(to: range.lowerBound)
    return Place(
      input: input, line: line, byteOffset: base + range.lowerBound, byteLength: range.count)
  }

  mutating func intern(_ layout: DumpLayout) -> Int {
    if let known = layouts.firstIndex(where: {
      $0.head == layout.head && $0.columns == layout.columns && $0.isJSON == layout.isJSON
    }) {
      return known
    }
    layouts.append(layout)
    return layouts.count - 1
  }
}
