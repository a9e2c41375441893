internal import CCurl
internal import Foundation
internal import Glibc

/// One request and its answer, as libcurl asks for the one and tells of the other.
final class HTTPExchange {
  private enum Body {
    case none
    case bytes(Data, offset: Int)
    case file(ChunkReader)
  }

  private let request: HTTPRequest
  private let silence: Duration
  private let cancellation: Cancellation
  private var sent = Body.none
  private var fields: [String: String] = [:]
  private var received = Data()
  private var isTooLong = false
  private var failure: ObjectStoreError?
  private var moved: (bytes: Int, at: ContinuousClock.Instant) = (0, .now)

  init(_ request: HTTPRequest, silenceSeconds: Double, cancellation: Cancellation) {
    self.request = request
    silence = .seconds(silenceSeconds)
    self.cancellation = cancellation
  }

  var silenceMilliseconds: Int { max(1, Int(silence / .milliseconds(1))) }

  /// Bytes of the body; nil for a request that has none.
  var bodyLength: Int? {
    switch request.body {
    case .none:
      switch request.method {
      case .POST, .PUT, .PATCH: 0
      case .GET, .HEAD, .DELETE: nil
      }
    case .bytes(let bytes): bytes.count
    case .file(_, let range): range.count
    }
  }

  /// Goes to the start of the body.
  func begin() throws(ObjectStoreError) {
    switch request.body {
    case .none: sent = .none
    case .bytes(let bytes): sent = .bytes(bytes, offset: 0)
    case .file(let file, let range): sent = .file(try ChunkReader(file, range))
    }
  }

  func outcome(_ code: CURLcode, status: Int) -> Result<HTTPResponse, HTTPFailure> {
    if cancellation.isCancelled { return .failure(.cancelled) }
    if let failure { return .failure(.source(failure)) }
    if isTooLong { return .failure(.tooLong) }
    let answer = HTTPResponse(status: status, headers: fields, body: received)
    if code == CURLE_OK { return .success(answer) }
    // A server that refuses may answer whole and close while the body is still being sent.
    if status >= 400, answer.number("Content-Length") == received.count { return .success(answer) }
    switch code {
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
      CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
      CURLE_SSL_INVALIDCERTSTATUS:
      return .failure(.untrusted)
    default: return .failure(.broken)
    }
  }

  private func give(_ target: UnsafeMutableRawBufferPointer) -> Int? {
    switch sent {
    case .none: return 0
    case .bytes(let bytes, let offset):
      let piece = bytes.dropFirst(offset).prefix(target.count)
      unsafe target.copyBytes(from: piece)
      sent = .bytes(bytes, offset: offset + piece.count)
      return piece.count
    case .file(var reader):
      // Out of the body, so that its hash is not copied with each piece.
      sent = .none
      defer { sent = .file(reader) }
      do throws(ObjectStoreError) {
        return try unsafe reader.read(into: target)
      } catch {
        failure = error
        return nil
      }
    }
  }

  private func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard received.count + bytes.count <= request.responseLimitBytes else {
      isTooLong = true
      return false
    }
    unsafe received.append(contentsOf: bytes)
    return true
  }

  private func takeLine(_ bytes: UnsafeRawBufferPointer) {
    let line = unsafe String(decoding: bytes, as: UTF8.self)
    // Each answer begins anew: one that only says to go on comes before the one that counts.
    guard !line.hasPrefix("HTTP/") else {
      fields.removeAll()
      return
    }
    guard let colon = line.firstIndex(of: ":") else { return }
    fields[line[..<colon].lowercased()] = line[line.index(after: colon)...]
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Whether to go on.
  private func goesOn(_ bytes: Int) -> Bool {
    if cancellation.isCancelled { return false }
    if bytes != moved.bytes {
      moved = (bytes, .now)
      return true
    }
    return moved.at.duration(to: .now) < silence
  }

  private static func of(_ context: UnsafeMutableRawPointer?) -> HTTPExchange? {
    unsafe context.map { unsafe Unmanaged<HTTPExchange>.fromOpaque($0).takeUnretainedValue() }
  }

  static let read: convoy_curl_transfer = { bytes, size, count, context in
    guard let exchange = unsafe of(context), let bytes = unsafe bytes else {
      return Int(CURL_READFUNC_ABORT)
    }
    let target = unsafe UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
    return unsafe exchange.give(target) ?? Int(CURL_READFUNC_ABORT)
  }

  /// Fewer bytes than there are end the transfer.
  static let write: convoy_curl_transfer = { bytes, size, count, context in
    guard let exchange = unsafe of(context), let bytes = unsafe bytes else { return 0 }
    let isTaken = unsafe exchange.take(UnsafeRawBufferPointer(start: bytes, count: size * count))
    return isTaken ? size * count : 0
  }

  static let header: convoy_curl_transfer = { bytes, size, count, context in
    guard let exchange = unsafe of(context), let bytes = unsafe bytes else { return 0 }
    unsafe exchange.takeLine(UnsafeRawBufferPointer(start: bytes, count: size * count))
    return size * count
  }

  static let progress: curl_xferinfo_callback = { context, _, received, _, sent in
    guard let exchange = unsafe of(context) else { return 1 }
    return exchange.goesOn(received + sent) ? 0 : 1
  }
}
