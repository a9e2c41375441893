public import Foundation
internal import Synchronization

/// A server that answers as Supabase Storage does, for tests: on loopback, with its objects in a directory.
///
/// What it knows of Storage is written from the server's own source; it shares no code with the client. Each
/// connection has a thread of its own.
public final class StorageServer: Sendable {
  /// A request as it was served.
  public struct Served: Sendable {
    /// What was asked.
    public let request: ServerRequest
    /// Bytes of its body that were read.
    public let bodyBytes: Int
    /// HTTP status of the answer; 0 if the connection was broken instead.
    public let status: Int
  }

  /// Address of the project: the Storage API is below it at `/storage/v1`.
  public let address: String
  /// The key it takes.
  public let key: String
  private let listener: CInt
  private let storage: StorageRoutes
  private let shared = Mutex(Shared())

  private struct Shared {
    var faults: [(fault: StorageFault, met: Int)] = []
    var served: [Served] = []
    var connections: Set<CInt> = []
    var isStopped = false
  }

  /// Starts a server at a port of its own.
  ///
  /// - Parameters:
  ///   - directory: holds its objects; a later server goes on from what is there.
  ///   - settings: how it behaves.
  /// - Throws: the file system's error, or an `errno` of the network as `POSIXError`.
  public init(directory: String, settings: StorageSettings = StorageSettings()) throws {
    storage = StorageRoutes(disk: try StorageDisk(directory), settings: settings)
    key = settings.key
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = unsafe withUnsafeMutablePointer(to: &name) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(descriptor, $0, length) == 0 && listen(descriptor, 128) == 0
          && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard isListening else {
      throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EINVAL)
    }
    listener = descriptor
    address = "http://127.0.0.1:\(UInt16(bigEndian: name.sin_port))"
    Thread.detachNewThread { self.accept() }
  }

  /// Ends it and every connection to it.
  public func stop() {
    shared.withLock { shared in
      guard !shared.isStopped else { return }
      shared.isStopped = true
      shutdown(listener, Int32(SHUT_RDWR))
      for connection in shared.connections { shutdown(connection, Int32(SHUT_RDWR)) }
    }
  }

  /// Makes some of the coming requests go wrong; the first fault that fits a request counts.
  ///
  /// - Parameter faults: what goes wrong, beside what was given before.
  public func inject(_ faults: StorageFault...) {
    shared.withLock { $0.faults += faults.map { ($0, 0) } }
  }

  /// What was served so far, in the order of the answers.
  public var served: [Served] { shared.withLock { $0.served } }

  /// Content of an object; nil if there is none.
  ///
  /// - Parameters:
  ///   - bucket: its bucket.
  ///   - key: its key.
  /// - Returns: its bytes.
  /// - Throws: the file system's error.
  public func content(_ bucket: String, _ key: String) throws -> Data? {
    guard let object = storage.disk.object(bucket, key) else { return nil }
    return try Data(contentsOf: URL(fileURLWithPath: storage.disk.bytes(object.version)))
  }

  /// Stores an object as if somebody else had, without a digest.
  ///
  /// - Parameters:
  ///   - bucket: its bucket.
  ///   - key: its key.
  ///   - bytes: its content.
  /// - Throws: the file system's error.
  public func store(_ bucket: String, _ key: String, _ bytes: Data) throws {
    try storage.store(bucket, key, bytes)
  }

  /// Changes the content of an object behind the server's back.
  ///
  /// - Parameters:
  ///   - bucket: its bucket.
  ///   - key: its key.
  ///   - bytes: what its file holds then.
  /// - Throws: the file system's error.
  public func damage(_ bucket: String, _ key: String, _ bytes: Data) throws {
    guard let object = storage.disk.object(bucket, key) else { return }
    try bytes.write(to: URL(fileURLWithPath: storage.disk.bytes(object.version)))
  }

  /// Changes the first byte of every unfinished resumable upload.
  ///
  /// - Throws: the file system's error.
  public func damageUploads() throws {
    for upload in storage.disk.uploads {
      let file = try FileHandle(
        forUpdating: URL(fileURLWithPath: storage.disk.bytes(upload.version)))
      guard let byte = try file.read(upToCount: 1)?.first else { continue }
      try file.seek(toOffset: 0)
      try file.write(contentsOf: Data([byte ^ 1]))
    }
  }

  /// Keys of a bucket's objects, in byte order.
  ///
  /// - Parameter bucket: the bucket.
  /// - Returns: the keys.
  public func keys(_ bucket: String) -> [String] {
    storage.disk.objects(bucket, prefix: "").map(\.key)
  }

  /// Forgets every fault that was injected.
  public func clearFaults() { shared.withLock { $0.faults = [] } }

  /// How many resumable uploads are unfinished.
  public var unfinishedUploads: Int { storage.disk.uploads.count }

  private func accept() {
    defer { close(listener) }
    while true {
      let descriptor = Foundation.accept(listener, nil, nil)
      let isStopped = shared.withLock { shared in
        if descriptor >= 0 { shared.connections.insert(descriptor) }
        return shared.isStopped
      }
      if isStopped {
        if descriptor >= 0 { forget(descriptor) }
        return
      }
      guard descriptor >= 0 else { continue }
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      var on: CInt = 1
      _ = unsafe setsockopt(
        descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<CInt>.size))
      Thread.detachNewThread { self.serve(ServerConnection(descriptor)) }
    }
  }

  private func forget(_ descriptor: CInt) {
    _ = shared.withLock { $0.connections.remove(descriptor) }
    close(descriptor)
  }

  private func serve(_ connection: sending ServerConnection) {
    defer { forget(connection.descriptor) }
    // A connection that broke has nobody to be told.
    while let request = try? connection.head(), let below = request.belowAPI {
      let effect = effect(below)
      let status: Int
      var goesOn = false
      do {
        let response = try answer(below, connection, effect)
        status = response.status
        note(below, connection, status)
        goesOn = try send(response, to: below, connection, effect)
      } catch {
        note(below, connection, 0)
        connection.resetOnClose()
      }
      if !goesOn { return }
    }
  }

  private func note(_ request: ServerRequest, _ connection: ServerConnection, _ status: Int) {
    let served = Served(request: request, bodyBytes: connection.bodyBytes, status: status)
    shared.withLock { $0.served.append(served) }
  }

  /// The fault that meets a request, counted.
  private func effect(_ request: ServerRequest) -> StorageFault.Effect? {
    shared.withLock { shared in
      for index in shared.faults.indices {
        let fault = shared.faults[index].fault
        guard fault.method ?? request.method == request.method, request.path.hasPrefix(fault.path),
          shared.faults[index].met < fault.after + fault.times
        else { continue }
        shared.faults[index].met += 1
        if shared.faults[index].met > fault.after { return fault.effect }
      }
      return nil
    }
  }

  private func answer(
    _ request: ServerRequest, _ connection: ServerConnection, _ effect: StorageFault.Effect?
  ) throws -> ServerResponse {
    switch effect {
    case .answer(let response):
      try drain(connection)
      return response
    case .answerEarly(var response):
      response.isLast = true
      return response
    case .dropRequest(let count): connection.dropAfterBodyBytes = count
    case .expireUpload: storage.expire(request)
    case .competingObject(let bytes): try storage.compete(request, bytes)
    case .hold(let gate): gate.pass()
    case .dropResponse, .location, .holdResponse, nil: break
    }
    var response = try storage.answer(request, connection)
    if case .location(let other) = effect, response.headers["Location"] != nil {
      response.headers["Location"] = other
    }
    if connection.hasRestOfBody {
      if storage.settings.refusesEarly { response.isLast = true } else { try drain(connection) }
    }
    return response
  }

  private func drain(_ connection: ServerConnection) throws {
    while !(try connection.bodyPiece()).isEmpty {}
  }

  /// - Returns: whether the connection goes on.
  private func send(
    _ response: ServerResponse, to request: ServerRequest, _ connection: ServerConnection,
    _ effect: StorageFault.Effect?
  ) throws -> Bool {
    if case .holdResponse(let gate) = effect { gate.pass() }
    let bytes = response.encoded(to: request.method)
    if case .dropResponse(let count) = effect {
      try connection.write(bytes.prefix(count))
      connection.resetOnClose()
      return false
    }
    try connection.write(bytes)
    return !response.isLast
  }
}

extension ServerRequest {
  /// What a gateway passes on; nil for what is not of the Storage API.
  var belowAPI: ServerRequest? {
    guard path.hasPrefix("/storage/v1/") else { return nil }
    return ServerRequest(
      method: method, path: String(path.dropFirst("/storage/v1".count)), query: query,
      headers: headers)
  }
}
