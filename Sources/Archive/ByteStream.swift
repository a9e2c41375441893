/// The text of one input as UTF-8 bytes, whatever it is stored as.
///
/// Gzip is inflated on the fly, recognised by its first bytes and not by name; byte order marks are
/// dropped; UTF-16 with a mark becomes UTF-8, and so does Windows-1252 where that is said to be it. A plain UTF-8 file goes by read(2) straight into the
/// caller's array. Compressed input holds 0.3 MiB here, another encoding than UTF-8 0.2 MiB more.
public struct ByteStream: ~Copyable, Sendable {
  private static let magic: [UInt8] = [0x1f, 0x8b]
  private static let chunkBytes = 65_536

  /// Whether the input is gzip.
  public let isCompressed: Bool
  /// How the (inflated) input stores its characters.
  public let encoding: TextEncoding
  private var file: InputFile
  private var gzip: GzipReader?
  /// Bytes read to recognise the encoding and not handed out yet.
  private var head: [UInt8] = []
  private var transcoder: UTF16Transcoder?
  private var transcoded: [UInt8] = []
  private var transcodedStart = 0

  /// Opens an input and reads its first bytes.
  /// - Parameters:
  ///   - path: a file, FIFO or character device; `-` is standard input.
  ///   - assumed: how characters are stored of an input without a byte order mark.
  /// - Throws: ``StreamError``; ``StreamError/gzip(path:_:)`` if the data is damaged at its start.
  public init(path: String, assuming assumed: TextEncoding = .utf8) throws(StreamError) {
    let file: InputFile
    do throws(FileError) {
      file = try path == "-" ? InputFile.standardInput() : InputFile(path: path)
    } catch { throw .file(error) }
    try self.init(file, assuming: assumed)
  }

  /// Reads an input that is already open, from where it stands.
  /// - Parameters:
  ///   - file: the stream owns it from here on.
  ///   - assumed: as of ``init(path:assuming:)``.
  /// - Throws: ``StreamError`` as that does.
  public init(
    _ file: consuming InputFile, assuming assumed: TextEncoding = .utf8
  ) throws(StreamError) {
    var file = file
    var gzip: GzipReader?
    var head: [UInt8] = []
    try Self.fill(&head, upTo: TextEncoding.maximumMarkBytes, from: &file, through: &gzip)
    let isCompressed = head.starts(with: Self.magic)
    // A copy that broke off early must not pass for an empty input.
    let isCutOff = file.path.hasSuffix(".gz") && head.count < 2 && Self.magic.starts(with: head)
    if isCompressed || isCutOff {
      gzip = try Self.inflating(head, path: file.path)
      head = []
      try Self.fill(&head, upTo: TextEncoding.maximumMarkBytes, from: &file, through: &gzip)
    }
    let (encoding, markBytes) = TextEncoding.detect(head, assuming: assumed)
    head.removeFirst(markBytes)
    self.isCompressed = isCompressed
    self.encoding = encoding
    self.transcoder =
      switch encoding {
      case .utf8, .windows1252: nil
      case .utf16LittleEndian: UTF16Transcoder(isBigEndian: false)
      case .utf16BigEndian: UTF16Transcoder(isBigEndian: true)
      }
    self.head = head
    self.gzip = gzip
    self.file = file
  }

  /// The path as the caller gave it; `-` is standard input.
  public var path: String { file.path }

  /// Bytes taken from the file so far, before inflating: to be held against ``size``.
  public var compressedBytesRead: Int { file.bytesRead }

  /// Size of the file on disk; `nil` for a pipe or device.
  public var size: Int? { file.size }

  /// What tells whether the file is the one seen before; `nil` for a pipe or device.
  public var fingerprint: InputFingerprint? { file.fingerprint }

  /// UTF-16 surrogates without a partner, and a last odd byte, that became U+FFFD so far.
  public var replacedCharacters: Int { transcoder?.replacedCharacters ?? 0 }

  /// Appends the next bytes to `buffer`; its spare capacity is used without zeroing.
  /// - Parameters:
  ///   - buffer: keeps what it holds, also when this throws.
  ///   - count: at most this many bytes are appended; must be above zero.
  /// - Returns: bytes appended, often fewer than asked for; 0 is the end.
  /// - Throws: ``StreamError``. The bytes before a damaged place have been returned by then.
  public mutating func read(
    into buffer: inout [UInt8], upTo count: Int
  ) throws(StreamError) -> Int {
    precondition(count > 0, "a read of nothing would look like the end")
    return encoding == .utf8
      ? try readStored(into: &buffer, upTo: count)
      : try readTranscoded(into: &buffer, upTo: count)
  }

  /// Reads bytes as they are stored, after inflating.
  private mutating func readStored(
    into buffer: inout [UInt8], upTo count: Int
  ) throws(StreamError) -> Int {
    guard !head.isEmpty else {
      return try Self.readRaw(into: &buffer, upTo: count, from: &file, through: &gzip)
    }
    let served = min(count, head.count)
    buffer.append(contentsOf: head.prefix(served))
    head.removeFirst(served)
    return served
  }

  /// Serves transcoded text in pieces of any size, as a character may be longer than `count`.
  private mutating func readTranscoded(
    into buffer: inout [UInt8], upTo count: Int
  ) throws(StreamError) -> Int {
    while transcodedStart == transcoded.count {
      var units: [UInt8] = []
      let received = try readStored(into: &units, upTo: Self.chunkBytes)
      transcoded.removeAll(keepingCapacity: true)
      transcodedStart = 0
      if received == 0 {
        transcoder?.finish(into: &transcoded)
        if transcoded.isEmpty { return 0 }
      } else if encoding == .windows1252 {
        Windows1252.append(units.span, to: &transcoded)
      } else {
        transcoder?.transcode(units.span, into: &transcoded)
      }
    }
    let served = min(count, transcoded.count - transcodedStart)
    buffer.append(contentsOf: transcoded[transcodedStart..<transcodedStart + served])
    transcodedStart += served
    return served
  }

  private static func inflating(
    _ head: [UInt8], path: String
  ) throws(StreamError) -> GzipReader {
    do throws(GzipError) {
      return try GzipReader(head: head)
    } catch { throw .gzip(path: path, error) }
  }

  private static func readRaw(
    into buffer: inout [UInt8], upTo count: Int,
    from file: inout InputFile, through gzip: inout GzipReader?
  ) throws(StreamError) -> Int {
    if let inflated = try gzip?.read(from: &file, into: &buffer, upTo: count) { return inflated }
    do throws(FileError) {
      return try file.read(into: &buffer, upTo: count)
    } catch { throw .file(error) }
  }

  private static func fill(
    _ head: inout [UInt8], upTo count: Int,
    from file: inout InputFile, through gzip: inout GzipReader?
  ) throws(StreamError) {
    while head.count < count {
      let received = try readRaw(
        into: &head, upTo: count - head.count, from: &file, through: &gzip)
      if received == 0 { return }
    }
  }
}
