internal import CLibPQ

/// Asks the server to cancel what one connection is doing; usable from any thread.
///
/// The statement then fails with SQLSTATE 57014 on its own thread.
@safe
public final class StatementCanceller: Sendable {
  // PQcancel is documented as thread-safe on a handle nobody frees meanwhile; the reference count
  // of this object is what keeps it from being freed.
  private nonisolated(unsafe) let handle: OpaquePointer

  init(_ handle: OpaquePointer) { unsafe self.handle = unsafe handle }

  deinit { unsafe PQfreeCancel(handle) }

  /// Sends the request; it may come too late, and the server does not say so.
  public func cancel() {
    var complaint: [CChar] = Array(repeating: 0, count: 256)
    _ = unsafe PQcancel(handle, &complaint, Int32(complaint.count))
  }
}
