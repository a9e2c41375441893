internal import CLibPQ

/// The sending half of a COPY … FROM STDIN; exists only inside ``PostgresConnection/copyIn(_:_:)``.
@safe
public struct CopyInWriter: ~Copyable {
  /// The server ended the COPY before the writer did; its answer tells why.
  struct Refused: Error {}

  private let connection: OpaquePointer

  init(connection: OpaquePointer) { unsafe self.connection = unsafe connection }

  /// Sends bytes; how they are cut into calls has no meaning to the server.
  ///
  /// - Parameter bytes: COPY data of the statement's format.
  /// - Throws: an error that ``PostgresConnection/copyIn(_:_:)`` replaces by the server's answer.
  public func write(_ bytes: Span<UInt8>) throws {
    // libpq copies what it is given into a buffer that grows to the longest call's length and keeps it.
    // Slices of what a core's cache holds bound that, and are still there when they are sent.
    let sliceBytes = 128 << 10
    var sent = 0
    while sent < bytes.count {
      let count = min(sliceBytes, bytes.count - sent)
      let slice = bytes.extracting(sent..<sent + count)
      let accepted = unsafe slice.withUnsafeBytes { buffer in
        unsafe PQputCopyData(
          connection, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(count))
      }
      guard accepted == 1 else { throw Refused() }
      sent += count
    }
  }
}
