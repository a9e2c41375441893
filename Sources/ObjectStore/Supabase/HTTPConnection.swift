internal import CCurl
internal import Dispatch
internal import Foundation
internal import Glibc

/// One connection by libcurl, kept open from one exchange to the next, and the thread its calls block.
///
/// HTTP/1.1 only: hosted services end HTTP/2 connections after some hundred requests in the middle of a body.
/// When a kept connection turns out to be closed, libcurl would send the request once more by itself. It cannot
/// once some of the body has gone, for it is not told how to go back to the body's start: whoever sends a body
/// learns that it broke off, and can ask first what of it arrived.
@safe final class HTTPConnection: Sendable {
  /// Runs one exchange at a time.
  let queue = DispatchQueue(label: "convoy.http")
  /// Used on ``queue`` only, and freed when nobody can use it any more.
  private nonisolated(unsafe) let handle: UnsafeMutableRawPointer

  private static let isReady = convoy_curl_begin() == CURLE_OK
  /// What is asked of a body at a time.
  private static let pieceBytes = 256 << 10

  /// Nil when libcurl cannot be readied or is out of memory.
  init?() {
    guard Self.isReady, let handle = unsafe curl_easy_init() else { return nil }
    unsafe self.handle = handle
  }

  deinit { unsafe curl_easy_cleanup(handle) }

  /// Sends a request and reads the answer; blocks until then.
  func exchange(
    _ request: HTTPRequest, silenceSeconds: Double, cancellation: Cancellation
  ) -> Result<HTTPResponse, HTTPFailure> {
    Self.blockBrokenPipeSignal()
    let exchange = HTTPExchange(
      request, silenceSeconds: silenceSeconds, cancellation: cancellation)
    do throws(ObjectStoreError) {
      try exchange.begin()
    } catch {
      return .failure(.source(error))
    }
    unsafe curl_easy_reset(handle)
    var fields: UnsafeMutablePointer<curl_slist>?
    // Asking first costs a round trip for each file; a refusal that comes early is read all the same.
    for field in request.headers.map({ "\($0.key): \($0.value)" }) + ["Expect:"] {
      unsafe fields = unsafe curl_slist_append(fields, field)
    }
    defer { unsafe curl_slist_free_all(fields) }
    guard set(request, exchange), unsafe set(CURLOPT_HTTPHEADER, fields) else {
      return .failure(.broken)
    }
    let code = unsafe curl_easy_perform(handle)
    var status = 0
    unsafe convoy_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
    return exchange.outcome(code, status: status)
  }

  private func set(_ request: HTTPRequest, _ exchange: HTTPExchange) -> Bool {
    var isSet =
      set(CURLOPT_URL, request.url.absoluteString)
      && set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
      && set(CURLOPT_PROTOCOLS_STR, "http,https")
      && set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)) && set(CURLOPT_NOSIGNAL, 1)
      && set(CURLOPT_NOPROGRESS, 0) && set(CURLOPT_BUFFERSIZE, Self.pieceBytes)
      && set(CURLOPT_UPLOAD_BUFFERSIZE, Self.pieceBytes)
      && set(CURLOPT_CONNECTTIMEOUT_MS, exchange.silenceMilliseconds)
    if request.method == .HEAD { isSet = isSet && set(CURLOPT_NOBODY, 1) }
    if let length = exchange.bodyLength {
      isSet = isSet && set(CURLOPT_UPLOAD, 1)
      isSet =
        unsafe convoy_curl_set_offset(handle, CURLOPT_INFILESIZE_LARGE, length) == CURLE_OK && isSet
    }
    let context = unsafe Unmanaged.passUnretained(exchange).toOpaque()
    for option in [
      CURLOPT_READDATA, CURLOPT_WRITEDATA, CURLOPT_HEADERDATA,
      CURLOPT_XFERINFODATA,
    ] {
      isSet = unsafe set(option, context) && isSet
    }
    isSet = unsafe set(CURLOPT_READFUNCTION, HTTPExchange.read) && isSet
    isSet = unsafe set(CURLOPT_WRITEFUNCTION, HTTPExchange.write) && isSet
    isSet = unsafe set(CURLOPT_HEADERFUNCTION, HTTPExchange.header) && isSet
    isSet = unsafe convoy_curl_set_progress(handle, HTTPExchange.progress) == CURLE_OK && isSet
    return isSet
  }

  private func set(_ option: CURLoption, _ callback: convoy_curl_transfer) -> Bool {
    unsafe convoy_curl_set_transfer(handle, option, callback) == CURLE_OK
  }

  private func set(_ option: CURLoption, _ value: String) -> Bool {
    unsafe convoy_curl_set_text(handle, option, value) == CURLE_OK
  }

  private func set(_ option: CURLoption, _ value: Int) -> Bool {
    unsafe convoy_curl_set_long(handle, option, value) == CURLE_OK
  }

  private func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer?) -> Bool {
    unsafe convoy_curl_set_pointer(handle, option, value) == CURLE_OK
  }

  /// A TLS library writes without asking not to be signalled; libcurl would change the signal for the whole
  /// program meanwhile.
  private static func blockBrokenPipeSignal() {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGPIPE)
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
  }
}
