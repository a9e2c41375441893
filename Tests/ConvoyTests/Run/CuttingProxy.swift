internal import Foundation
internal import Glibc
internal import Synchronization
internal import TestSupport

/// A Unix socket before the server's, which breaks some of the workers' connections at their COMMIT.
final class CuttingProxy: Sendable {
  /// On which side of the server's work the connection breaks.
  enum Cut: Sendable {
    /// The server never hears of the COMMIT.
    case beforeCommit
    /// The server has it and nobody waits for its answer.
    case duringCommit
    /// The server has answered; the answer never arrives.
    case afterCommit
  }

  private struct State {
    var commits = 0
    var cuts: [Cut] = []
  }

  /// Where the server's socket is, and where this one is.
  private let server: String
  private let directory: String
  private let plan: @Sendable (_ commit: Int) -> Cut?
  private let listener: Int32
  private let state = Mutex(State())

  /// Connections that were broken so far.
  var cuts: [Cut] { state.withLock { $0.cuts } }

  /// Listens in `directory`; `plan` is asked at each COMMIT of a worker, counted from 1.
  init(
    server: String, directory: String, plan: @escaping @Sendable (_ commit: Int) -> Cut?
  ) throws {
    self.server = "\(server)/.s.PGSQL.5432"
    self.directory = directory
    self.plan = plan
    listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    let bound = unsafe Self.withAddress("\(directory)/.s.PGSQL.5432") {
      unsafe bind(listener, $0, $1)
    }
    guard bound == 0, listen(listener, 16) == 0 else {
      throw TestFailure("no socket in \(directory): errno \(errno)")
    }
    Thread.detachNewThread { self.acceptAll() }
  }

  /// Takes no more connections; those there are go on to their end.
  func close() { shutdown(listener, Int32(SHUT_RDWR)) }

  private func acceptAll() {
    while true {
      let client = accept(listener, nil, nil)
      guard client >= 0 else {
        // What a closed proxy's socket says; a connection that went away again is no end.
        guard errno == EINVAL || errno == EBADF else { continue }
        Glibc.close(listener)
        return
      }
      Thread.detachNewThread { self.forward(client) }
    }
  }

  private func forward(_ client: Int32) {
    let upstream = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer {
      Glibc.close(client)
      Glibc.close(upstream)
    }
    guard unsafe Self.withAddress(server, { unsafe connect(upstream, $0, $1) }) == 0 else { return }
    var isStarted = false
    var isWorker = false
    while true {
      var polled = [
        pollfd(fd: client, events: Int16(POLLIN), revents: 0),
        pollfd(fd: upstream, events: Int16(POLLIN), revents: 0),
      ]
      guard unsafe poll(&polled, 2, -1) > 0 else { return }
      if polled[1].revents != 0 {
        let bytes = Self.read(upstream)
        guard !bytes.isEmpty, Self.write(bytes, client) else { return }
      }
      guard polled[0].revents != 0 else { continue }
      let bytes = Self.read(client)
      guard !bytes.isEmpty else { return }
      if !isStarted {
        isStarted = true
        isWorker = String(decoding: bytes, as: UTF8.self).contains("convoy worker")
      }
      // libpq sends a short query in one piece, and nothing before it is answered.
      let isCommit = isWorker && bytes == Self.commit
      switch isCommit ? nextCut() : nil {
      case nil: guard Self.write(bytes, upstream) else { return }
      case .beforeCommit: return
      case .duringCommit:
        _ = Self.write(bytes, upstream)
        return
      case .afterCommit:
        _ = Self.write(bytes, upstream)
        _ = Self.read(upstream)
        return
      }
    }
  }

  private func nextCut() -> Cut? {
    state.withLock { state in
      state.commits += 1
      guard let cut = plan(state.commits) else { return nil }
      state.cuts.append(cut)
      return cut
    }
  }

  /// A Query message: type, length, text, NUL (PostgreSQL documentation, 55.7).
  private static let commit = [UInt8(ascii: "Q"), 0, 0, 0, 11] + Array("COMMIT".utf8) + [0]

  private static func read(_ descriptor: Int32) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
      count = unsafe max(0, recv(descriptor, buffer.baseAddress, buffer.count, 0))
    }
  }

  private static func write(_ bytes: [UInt8], _ descriptor: Int32) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = unsafe bytes[sent...].withUnsafeBytes { buffer in
        unsafe send(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  private static func withAddress(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
    return unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
