internal import Postgres

/// What is remembered of an encoded row until the server has answered.
struct EncodedRow {
  fileprivate(set) var id: RowId
  /// Its session's id; a session's own.
  let session: RowId
  /// Where the row begins in the buffer.
  let start: Int
  /// The source value it was made of, as exactly as the input allows.
  let place: Place
  /// False for the further rows of one source message, which counts once.
  let isCounted: Bool
  /// Whether this row only leads messages to a session the target has.
  fileprivate(set) var isAttachment = false
  /// Which of the batch's origins its session has; -1 where nobody will ask.
  fileprivate(set) var origin: Int32 = -1
  /// Of a message, its position in the session.
  fileprivate var messageIndex: Int32 = -1
  /// Of a message whose place in the session is more than its position, which of the buffer's it is.
  fileprivate var messagePlace: Int32 = -1
  private let foldedCount: Int32

  /// Source messages that became part of it beside its own.
  var folded: Int { Int(foldedCount) }

  init(
    id: RowId, session: RowId, start: Int, place: Place, isCounted: Bool, folded: Int = 0
  ) {
    self.id = id
    self.session = session
    self.start = start
    self.place = place
    self.isCounted = isCounted
    foldedCount = Int32(clamping: folded)
  }
}

/// Rows of one table, encoded for COPY … (FORMAT binary).
struct RowBuffer {
  /// Header and rows; the trailer is added when they are sent.
  var bytes: [UInt8] = BinaryCopy.header
  private(set) var rows: [EncodedRow] = []
  /// Places of messages that are more than a position in the session, as few are.
  private var messagePlaces: [MessageOrigin] = []
  private var open = 0

  var isEmpty: Bool { rows.isEmpty }

  mutating func clear() {
    // An unusually large record must not keep its memory for the rest of the run.
    if bytes.capacity > 32 << 20 { bytes = [] }
    bytes.removeAll(keepingCapacity: true)
    bytes.append(contentsOf: BinaryCopy.header)
    rows.removeAll(keepingCapacity: true)
    messagePlaces.removeAll(keepingCapacity: true)
  }

  /// Begins a row of `fieldCount` fields, which the caller appends to ``bytes``.
  mutating func begin(fieldCount: Int) {
    open = bytes.count
    bytes.append(bigEndian: Int16(fieldCount))
  }

  /// Ends the row that was begun.
  mutating func end(
    id: RowId, session: RowId, place: Place, isCounted: Bool, folded: Int = 0
  ) {
    rows.append(
      EncodedRow(
        id: id, session: session, start: open, place: place, isCounted: isCounted,
        folded: folded))
  }

  /// Gives a row its id, whose sixteen bytes are at an offset.
  mutating func setId(_ id: RowId, ofRow row: Int, at offset: Int) {
    rows[row].id = id
    bytes.overwrite(bigEndian: id.high, at: offset)
    bytes.overwrite(bigEndian: id.low, at: offset + 8)
  }

  /// Takes back all rows but the first.
  mutating func keepFirst(_ count: Int) {
    guard count < rows.count else { return }
    bytes.removeSubrange(rows[count].start...)
    rows.removeSubrange(count...)
  }

  /// Says of the row that was ended last what a reject of it would have to tell.
  mutating func describeLast(
    origin: Int32, message: MessageOrigin? = nil, isAttachment: Bool = false
  ) {
    guard let last = rows.indices.last else { return }
    rows[last].origin = origin
    rows[last].isAttachment = isAttachment
    guard let message else { return }
    rows[last].messageIndex = Int32(clamping: message.index)
    guard !message.isPlain else { return }
    rows[last].messagePlace = Int32(messagePlaces.count)
    messagePlaces.append(message)
  }

  /// The place of a row's message in its session, where that was told; else its row's.
  func message(of row: Int) -> MessageOrigin {
    let known = rows[row]
    if known.messagePlace >= 0 { return messagePlaces[Int(known.messagePlace)] }
    var plain = MessageOrigin(index: known.messageIndex >= 0 ? Int(known.messageIndex) : row)
    if known.messageIndex >= 0 { plain.tieMicroseconds = 0 }
    return plain
  }

  /// Bytes of some consecutive rows, without header and trailer.
  func byteRange(_ range: Range<Int>) -> Range<Int> {
    let end = range.upperBound < rows.count ? rows[range.upperBound].start : bytes.count
    return rows[range.lowerBound].start..<end
  }

  /// Bytes of the rows that count.
  var countedBytes: Int {
    rows.indices.reduce(0) { $0 + (rows[$1].isCounted ? byteRange($1..<$1 + 1).count : 0) }
  }

  /// Makes room ahead, so that one large value does not grow the buffer by doubling.
  mutating func reserve(_ extraBytes: Int) {
    guard extraBytes > 1 << 20 else { return }
    bytes.reserveCapacity(bytes.count + extraBytes)
  }
}
