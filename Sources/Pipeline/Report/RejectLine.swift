internal import FoundationEssentials

/// Rejects on their way to JSON lines, through a buffer that is handed on whenever it is full.
struct RejectLine {
  private static let bufferBytes = 65_536
  /// A multiple of three: each piece of base64 but the last ends without padding.
  private static let base64Bytes = 49_152

  private var buffer: [UInt8] = []

  /// Adds one line; `write` gets what no longer fits the buffer.
  mutating func append<Failure: Error>(
    _ reject: Reject, write: ([UInt8]) throws(Failure) -> Void
  ) throws(Failure) {
    put(#"{"file":"#)
    try quote(reject.input, write)
    put(#","line":\#(reject.place.line),"byteOffset":\#(reject.place.byteOffset)"#)
    put(#","byteLength":\#(reject.place.byteLength),"stage":"\#(reject.stage.rawValue)""#)
    put(#","rule":"\#(reject.rule.rawValue)","kind":"\#(reject.kind.rawValue)","field":"#)
    if let field = reject.field { try quote(field, write) } else { put("null") }
    put(#","message":"#)
    try quote(reject.message, write)
    try member("sqlstate", reject.sqlState, write)
    try member("constraint", reject.constraint, write)
    try member("column", reject.column, write)
    if let messages = reject.dependentMessages {
      put(#","dependents":{"messages":\#(messages)}"#)
    }
    if let origin = reject.origin { try put(origin, write) }
    if Self.isText(reject.bytes.span) {
      put(#","text":"#)
      try quote(reject.bytes.span, write)
    } else {
      put(#","base64":"#)
      try encode(reject.bytes, write)
    }
    put("}\n")
  }

  /// Hands on what is left in the buffer.
  mutating func flush<Failure: Error>(
    _ write: ([UInt8]) throws(Failure) -> Void
  ) throws(Failure) {
    try write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }

  private mutating func put(_ text: String) {
    buffer.append(contentsOf: text.utf8)
  }

  private mutating func put<Failure: Error>(
    _ origin: RejectOrigin, _ write: ([UInt8]) throws(Failure) -> Void
  ) throws(Failure) {
    put(#","origin":{"dialect":"\#(origin.dialect.rawValue)""#)
    try member("name", origin.name, write)
    try member("inputs", origin.inputs, write)
    put(#","line":\#(origin.line),"byteOffset":\#(origin.byteOffset)"#)
    try member("document", origin.document, write)
    if let isPacked = origin.isPacked { put(#","isPacked":\#(isPacked)"#) }
    if let piece = origin.piece { put(#","piece":\#(piece)"#) }
    if let session = origin.session {
      put(#","session":{"key":"#)
      try quote(session.key, write)
      try member("createdAt", session.createdAt, write)
      try member("model", session.model, write)
      if let isMade = session.isMade { put(#","isMade":\#(isMade)"#) }
      put("}")
    }
    if let message = origin.message {
      put(#","message":{"index":\#(message.index)"#)
      if let occurrence = message.occurrence { put(#","occurrence":\#(occurrence)"#) }
      if let call = message.call { put(#","call":\#(call)"#) }
      put(#","isTitled":\#(message.isTitled),"isTimed":\#(message.isTimed)"#)
      if let tie = message.tieMicroseconds { put(#","tieMicroseconds":\#(tie)"#) }
      try member("createdAt", message.createdAt, write)
      put("}")
    }
    put("}")
  }

  private mutating func member<Failure: Error>(
    _ name: String, _ value: String?, _ write: ([UInt8]) throws(Failure) -> Void
  ) throws(Failure) {
    guard let value else { return }
    put(#","\#(name)":"#)
    try quote(value, write)
  }

  private mutating func quote<Failure: Error>(
    _ text: String, _ write: ([UInt8]) throws(Failure) -> Void
  ) throws(Failure) {
    try quote(Array(text.utf8).span, write)
  }

  private mutating func quote<Failure: Error>(
    _ text: borrowing Span<UInt8>, _ write: ([UInt8]) throws(Failure) -> Void
  ) throws(Failure) {
    put("\"")
    var position = 0
    while position < text.count {
      position = JSONEscape.append(text, from: position, to: &buffer, limit: Self.bufferBytes)
      if buffer.count >= Self.bufferBytes { try flush(write) }
    }
    put("\"")
  }

  private mutating func encode<Failure: Error>(
    _ bytes: [UInt8], _ write: ([UInt8]) throws(Failure) -> Void
  ) throws(Failure) {
    put("\"")
    var position = 0
    while position < bytes.count {
      let end = min(position + Self.base64Bytes, bytes.count)
      put(Data(bytes[position..<end]).base64EncodedString())
      position = end
      if buffer.count >= Self.bufferBytes { try flush(write) }
    }
    put("\"")
  }

  /// Checks in place: a String made for the question would be a second copy.
  private static func isText(_ bytes: borrowing Span<UInt8>) -> Bool {
    do {
      _ = try UTF8Span(validating: copy bytes)
      return true
    } catch {
      return false
    }
  }
}
