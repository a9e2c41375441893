internal import CLibPQ

/// The other end of a connection, as libpq sees it from this one.
///
/// It is the server, or a pooler or tunnel before it.
public struct ConnectionPeer: Sendable {
  /// Host name, address, or directory of the socket.
  public let host: String
  /// Address the host name stands for; empty for a socket.
  public let address: String
  /// Port that was connected to.
  public let port: String
  /// User name that was sent; a pooler's may hold the name of a project behind a dot.
  public let user: String
  /// Value of `sslmode` in force, from wherever it came.
  public let sslMode: String
  /// Version such as `TLSv1.3`; nil where the connection is not encrypted.
  public let tlsVersion: String?

  /// Whether it is a socket in the file system or the abstract namespace.
  public var isSocket: Bool { host.hasPrefix("/") || host.hasPrefix("@") || host.isEmpty }

  /// Whether nothing leaves this machine on the way to it.
  public var isThisMachine: Bool {
    isSocket || address.hasPrefix("127.") || address == "::1"
  }
}

extension PostgresConnection {
  /// Who is at the other end.
  public var peer: ConnectionPeer {
    let tlsVersion =
      unsafe PQsslInUse(raw) == 1
      ? unsafe PQsslAttribute(raw, "protocol").map { unsafe String(cString: $0) } ?? "TLS" : nil
    return unsafe ConnectionPeer(
      host: Self.text(PQhost(raw)), address: Self.text(PQhostaddr(raw)),
      port: Self.text(PQport(raw)), user: Self.text(PQuser(raw)), sslMode: sslMode,
      tlsVersion: tlsVersion)
  }

  private var sslMode: String {
    guard let options = unsafe PQconninfo(raw) else { return "" }
    defer { unsafe PQconninfoFree(options) }
    var option = unsafe options
    while let keyword = unsafe option.pointee.keyword {
      if unsafe String(cString: keyword) == "sslmode" {
        return unsafe Self.text(option.pointee.val)
      }
      unsafe option += 1
    }
    return ""
  }

  private static func text(_ chars: UnsafePointer<CChar>?) -> String {
    unsafe chars.map { unsafe String(cString: $0) } ?? ""
  }
}
