internal import Foundation

/// The connection ended, or a fault ended it.
struct ConnectionEnded: Error {}

/// One client's connection, read and written by one thread with blocking calls.
final class ServerConnection {
  let descriptor: CInt
  private var buffer = Data()
  private var received = [UInt8](repeating: 0, count: 1 << 18)
  /// Bytes of the present request's body that are still to come; nil for a chunked one.
  private var restOfBody: Int? = 0
  private var isChunked = false
  /// Bytes of the present request's body that were read.
  private(set) var bodyBytes = 0
  /// Read no more of the body than this, then break the connection.
  var dropAfterBodyBytes: Int?
  private var waitsForContinue = false

  init(_ descriptor: CInt) { self.descriptor = descriptor }

  /// Reads a request's head; nil if the client closed instead.
  func head() throws -> ServerRequest? {
    let end = Data("\r\n\r\n".utf8)
    var range = buffer.range(of: end)
    while range == nil {
      guard buffer.count < 1 << 17, try fill() else { return nil }
      range = buffer.range(of: end)
    }
    guard let range else { return nil }
    let text = String(decoding: buffer[..<range.lowerBound], as: UTF8.self)
    buffer = Data(buffer[range.upperBound...])
    var lines = text.components(separatedBy: "\r\n")[...]
    let words = lines.removeFirst().components(separatedBy: " ")
    guard words.count == 3 else { return nil }
    var headers: [String: String] = [:]
    for line in lines {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      headers[line[..<colon].lowercased()] = value
    }
    let target = words[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    isChunked = headers["transfer-encoding"]?.lowercased() == "chunked"
    restOfBody = Int(headers["content-length"] ?? "0") ?? 0
    bodyBytes = 0
    dropAfterBodyBytes = nil
    waitsForContinue = headers["expect"]?.lowercased() == "100-continue"
    return ServerRequest(
      method: words[0], path: String(target[0]), query: target.count > 1 ? String(target[1]) : "",
      headers: headers)
  }

  /// The next piece of the body; empty at its end.
  func bodyPiece() throws -> Data {
    if waitsForContinue {
      waitsForContinue = false
      try write(Data("HTTP/1.1 100 Continue\r\n\r\n".utf8))
    }
    if isChunked && restOfBody == 0 { try beginChunk() }
    var wanted = restOfBody ?? 0
    if let limit = dropAfterBodyBytes {
      guard bodyBytes < limit else { throw ConnectionEnded() }
      wanted = min(wanted, limit - bodyBytes)
    }
    guard wanted > 0 else { return Data() }
    if buffer.isEmpty { guard try fill() else { throw ConnectionEnded() } }
    let piece = Data(buffer.prefix(wanted))
    buffer = Data(buffer.dropFirst(piece.count))
    restOfBody = (restOfBody ?? 0) - piece.count
    bodyBytes += piece.count
    if isChunked && restOfBody == 0 { _ = try line() }
    return piece
  }

  /// All of the body.
  func body(limit: Int = 16 << 20) throws -> Data {
    var body = Data()
    while true {
      let piece = try bodyPiece()
      if piece.isEmpty { return body }
      body.append(piece)
      guard body.count <= limit else { throw ConnectionEnded() }
    }
  }

  /// Whether the client is still to send some of the body.
  var hasRestOfBody: Bool { isChunked || (restOfBody ?? 0) > 0 }

  private func beginChunk() throws {
    restOfBody = Int(try line(), radix: 16) ?? 0
    guard restOfBody == 0 else { return }
    while !(try line()).isEmpty {}
    isChunked = false
  }

  private func line() throws -> String {
    let end = Data("\r\n".utf8)
    while buffer.range(of: end) == nil { guard try fill() else { throw ConnectionEnded() } }
    guard let range = buffer.range(of: end) else { throw ConnectionEnded() }
    let line = String(decoding: buffer[..<range.lowerBound], as: UTF8.self)
    buffer = Data(buffer[range.upperBound...])
    return line
  }

  private func fill() throws -> Bool {
    let count = unsafe recv(descriptor, &received, received.count, 0)
    guard count >= 0 else { throw ConnectionEnded() }
    buffer.append(contentsOf: received[..<count])
    return count > 0
  }

  /// Writes all of the bytes.
  func write(_ bytes: Data) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { source in
        unsafe send(descriptor, source.baseAddress, source.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw ConnectionEnded() }
      rest = rest.dropFirst(count)
    }
  }

  /// Makes the coming close a reset: the client loses what it has not read yet, too.
  func resetOnClose() {
    var option = linger(l_onoff: 1, l_linger: 0)
    _ = unsafe setsockopt(
      descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }
}
