internal import Archive
internal import Crypto

/// What a row of `message_bus` carries: the answer of a tool that was too large to be sent.
struct BusPayload {
  /// JSON.
  var text: [UInt8] = []
  /// The text of the answer's first output, where that is an object of its own.
  var answer: [UInt8]?
  /// The conversation the answer is of, where it says so.
  var continuationId: [UInt8]?
  /// Why the row's payload cannot be read.
  var problem: String?
  /// What the row says of its payload and is not so.
  var difference: String?

  /// What tells payloads of one conversation from others.
  ///
  /// A connection, which `session_id` is, is no conversation; it only stands for one that is unknown.
  func key(session: [UInt8]) -> [UInt8] {
    guard let continuationId else { return Self.sessionPrefix + session }
    return Self.prefix + continuationId
  }

  /// Whether a key of a session of messages is one that a payload gave.
  static func made(_ key: [UInt8]) -> Bool { key.starts(with: prefix) }

  private static let prefix = Array("message-bus:".utf8)
  private static let sessionPrefix = Array("message-bus:session:".utf8)

  /// What a session is called whose key was made of a connection.
  static func title(of key: [UInt8]) -> [UInt8] {
    Array("Message bus, connection ".utf8) + key.dropFirst(sessionPrefix.count)
  }

  /// The continuation id that a key was made of; nil of one that was made of a connection.
  static func continuationId(of key: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    key.starts(with: sessionPrefix) ? nil : key.dropFirst(prefix.count)
  }
}

extension [UInt8] {
  /// Appends the continuation id that a key of the bus was made of, as JSON; `null` of a connection's.
  mutating func append(busName key: [UInt8]) {
    if let name = BusPayload.continuationId(of: key[...]) {
      appendJSONString(name)
    } else {
      append(staticText: "null")
    }
  }
}

/// Reads payloads of `message_bus`.
///
/// The product's writer stored them as they were, whatever `compression_type` says; only a payload that is text
/// may be packed. Memory: a payload some times over, while it is read.
struct BusReader: ~Copyable {
  /// A row's own account of its payload.
  struct Account {
    var compression = ""
    var checksum = ""
    var byteCount: Int?
    var packedByteCount: Int?
  }

  private var tape: JSONTape
  private var inner: JSONTape

  init() throws(RunError) {
    guard let tape = JSONTape(), let inner = JSONTape() else {
      throw RunError(.failed, "out of memory")
    }
    self.tape = tape
    self.inner = inner
  }

  /// Reads what is stored in a row.
  ///
  /// Whether it is what the row says of it is not looked at where it `isUnchecked`: that takes longer than all the
  /// rest, and what only wants to know whose the payload is does without.
  mutating func read(
    _ stored: [UInt8], _ account: Account, isUnchecked: Bool = false
  ) -> BusPayload {
    defer {
      tape.shrink()
      inner.shrink()
    }
    var payload = BusPayload()
    guard tape.parse(stored, 0..<stored.count) == nil else {
      payload.problem = "the payload is not JSON"
      return payload
    }
    payload.text = stored
    guard tape.kind(tape.root) == .string else {
      if !isUnchecked { payload.difference = difference(account) }
      readAnswer(into: &payload)
      return payload
    }
    let packed = tape.decoded(tape.root)
    switch Self.unpack(packed, account.compression) {
    case .text(let text, let packedByteCount):
      let isJSON = tape.parse(text, 0..<text.count) == nil
      guard account.compression == "gzip" || isJSON && tape.kind(tape.root) == .object else {
        // A payload that is a text, and no more than that.
        return payload
      }
      guard isJSON else {
        payload.problem = "the payload is not JSON once it is unpacked"
        return payload
      }
      payload.text = text
      if !isUnchecked {
        payload.difference = Self.difference(text, packedByteCount, account)
      }
      readAnswer(into: &payload)
    case .problem(let problem): payload.problem = problem
    }
    return payload
  }

  private enum Unpacked {
    /// Of what was packed with how many bytes that was; nil of what was not.
    case text([UInt8], packedByteCount: Int?)
    case problem(String)
  }

  private static func unpack(_ packed: [UInt8], _ compression: String) -> Unpacked {
    switch compression {
    case "", "none": return .text(packed, packedByteCount: nil)
    case "gzip": break
    default:
      let name = compression.cut(to: 40).printable
      return .problem("the payload is packed by \(name), which is not read")
    }
    guard let bytes = bytes(packed) else {
      return .problem("the payload is neither base64 nor hexadecimal")
    }
    var text: [UInt8] = []
    do throws(GzipError) {
      var decompressor = try GzipDecompressor()
      let limit = InputReader.recordBytesLimit
      var taken = 0
      while true {
        let before = text.count
        taken += try decompressor.inflate(
          bytes.span.extracting(taken...), into: &text, upTo: 1 << 20)
        if text.count == before { break }
        guard text.count < limit else {
          return .problem("the payload is longer than \(limit >> 20) MiB once it is unpacked")
        }
      }
      try decompressor.finish()
    } catch { return .problem("the payload's gzip is damaged: \(error)") }
    return .text(text, packedByteCount: bytes.count)
  }

  /// The bytes that a text stands for: hexadecimal behind `\x`, as PostgreSQL writes bytes, else base64.
  private static func bytes(_ text: [UInt8]) -> [UInt8]? {
    guard text.starts(with: Array(#"\x"#.utf8)) else { return DataURL.base64(text[...]) }
    guard text.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    for at in stride(from: 2, to: text.count, by: 2) {
      guard let high = hexValue(text[at]), let low = hexValue(text[at + 1]) else { return nil }
      bytes.append(UInt8(truncatingIfNeeded: high << 4 | low))
    }
    return bytes
  }

  /// What is not so of a payload whose text is the one that was written.
  private static func difference(
    _ text: [UInt8], _ packedByteCount: Int?, _ account: Account
  ) -> String? {
    var differences: [String] = []
    if !account.checksum.isEmpty, !isDigest(account.checksum, of: text) {
      differences.append("its SHA-256 is not checksum")
    }
    if let count = account.byteCount, count != text.count {
      differences.append("it has \(text.count) bytes, payload_size_bytes says \(count)")
    }
    if let packedByteCount, let count = account.packedByteCount, packedByteCount != count {
      differences.append(
        "it has \(packedByteCount) bytes packed, compressed_size_bytes says \(count)")
    }
    return differences.isEmpty ? nil : differences.joined(separator: "; ")
  }

  /// What is not so of the payload on the tape, whose keys and spaces may be others than were written.
  private func difference(_ account: Account) -> String? {
    guard !account.checksum.isEmpty else { return nil }
    let stored = Array(tape.bytes[tape.sourceRange(tape.root)])
    let texts = [stored, WrittenJSON.text(tape.root, of: tape)]
    guard !texts.contains(where: { Self.isDigest(account.checksum, of: $0) }) else { return nil }
    let isOfSize = account.byteCount.map { count in texts.contains { $0.count == count } } ?? false
    return isOfSize
      ? "its SHA-256 is not checksum, though its size is right; jsonb keeps no order of keys"
      : "neither its SHA-256 is checksum nor its size payload_size_bytes"
  }

  private static func isDigest(_ checksum: String, of text: [UInt8]) -> Bool {
    String(decoding: hexText(SHA256.hash(data: text)), as: UTF8.self) == checksum.lowercased()
  }

  /// Looks into the payload on the tape.
  private mutating func readAnswer(into payload: inout BusPayload) {
    let root = tape.root
    guard tape.kind(root) == .object else { return }
    payload.continuationId = Self.continuationId(in: root, of: tape)
    guard let text = Self.firstText(of: root, tape) else { return }
    let decoded = tape.decoded(text)
    guard inner.parse(decoded, 0..<decoded.count) == nil, inner.kind(inner.root) == .object else {
      return
    }
    payload.answer = decoded
    payload.continuationId =
      Self.continuationId(in: inner.root, of: inner) ?? payload.continuationId
  }

  /// The text of the first of a payload's outputs that has one.
  static func firstText(of payload: JSONValue, _ tape: borrowing JSONTape) -> JSONValue? {
    guard let outputs = tape.present(payload, "outputs"), tape.kind(outputs) == .array else {
      return nil
    }
    var first: JSONValue?
    tape.forEachElement(outputs) { output in
      guard first == nil, tape.kind(output) == .object, let text = tape.present(output, "text"),
        tape.kind(text) == .string
      else { return }
      first = text
    }
    return first
  }

  private static func continuationId(
    in object: JSONValue, of tape: borrowing JSONTape
  ) -> [UInt8]? {
    let offer = tape.present(object, "continuation_offer")
    for holder in [offer, object] {
      guard let holder, tape.kind(holder) == .object,
        let id = tape.present(holder, "continuation_id"), tape.kind(id) == .string,
        !tape.isBlank(id)
      else { continue }
      return tape.decoded(id)
    }
    return nil
  }
}
