internal import Archive

/// One input of a run, a file or a table, found and named before anything is read.
struct PlannedInput: Sendable {
  /// Position in the plan.
  let index: Int32
  /// What to open, of a table its name; `-` is standard input.
  let path: String
  /// The form its records are in.
  var dialect: SourceFormat
  /// What reports and provenance call it: relative to the input it was found under.
  let name: String
  /// Size on disk; nil for a pipe, and for a table that has not been looked at.
  var size: Int?
  /// SHA-256 over size, time and both ends, of a table over its row versions; nil for a pipe.
  var fingerprint: [UInt8]?
  /// How its characters are stored where it has no byte order mark.
  var encoding = TextEncoding.utf8
  /// Whether it is a table of the database that is read.
  var isTable = false
  /// What tells it from other inputs of the pipeline wherever the command is given: its full path, of a table
  /// its database and name.
  var identity = ""
  /// What names the set of inputs it was loaded with, where that is not this run's.
  var set: [UInt8]?
}

/// Whole records of one input, with everything needed to say where each stands.
struct InputSegment: Sendable {
  let input: Int32
  let bytes: [UInt8]
  let layout: RecordLayout
  /// Ranges of the records; empty for lines, which ``lineEnds`` tell.
  let records: [Range<Int>]
  /// Offsets of the 0x0A of a segment of lines; the last line may have none.
  var lineEnds: [UInt32] = []
  /// Offset of the first byte in the decoded input.
  let byteOffset: Int
  /// 1-based line of the first byte.
  let firstLine: Int
  let isFirst: Bool
  let isLast: Bool
  /// What names these bytes in the ledger: fingerprint of the input and their place in it.
  let fingerprint: [UInt8]
  /// Digest of the bytes, of inputs that are files.
  var digest: UInt64?
  /// Whether the input was inflated.
  var isCompressed = false
  /// Why reading ended before the input did.
  var damage: String?
  /// Where the bytes of records come from that were put together; none of those that lie in an input so.
  var spans: [SourceSpan] = []
  /// The rows that these are of, where records were put together from rows of a dump.
  var rows: SourceRows?
  /// The dialect of the records, where it is not the input's: of thread documents that a dump has.
  var dialect: SourceFormat?
  /// What is to be told of the input beside its records.
  var remarks: [SourceRemark] = []
  /// Bytes of the input that are in no record.
  var passedBytes = 0
  /// Where the messages of its one record are, which has none; nil of records that are whole.
  var slices: ConversationSlices?
  /// Position in its conversation of the first message, of records that are a slice of one.
  var firstMessage = 0
  /// Held as long as the segment is, where it is a long record.
  var turn: LongRecordTurns.Turn?
}

/// Something found while the records of an input were looked for.
struct SourceRemark: Sendable {
  var rule: Rule
  var place: Place
  var message: String
}

extension InputSegment {
  /// The input's bytes at a place inside this segment.
  func sourceBytes(_ place: Place) -> [UInt8] {
    guard !isGathered else { return gatheredBytes(place) }
    let start = place.byteOffset - byteOffset
    guard start >= 0, start + place.byteLength <= bytes.count else { return [] }
    return Array(bytes[start..<start + place.byteLength])
  }
}

/// The unit a worker takes: one large piece of an input or several small inputs.
struct SourceBatch: Sendable {
  let segments: [InputSegment]
  /// Stored bytes that were read for it, for progress.
  let storedBytes: Int
}
