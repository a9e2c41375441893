internal import Foundation
internal import Synchronization

/// Lets one request at a time work on a resumable upload.
final class UploadLocks: Sendable {
  private let held = Mutex<Set<String>>([])

  /// Waits for the request before to end; false if it does not in time.
  func acquire(_ version: String) -> Bool {
    for _ in 0..<30_000 {
      if held.withLock({ $0.insert(version).inserted }) { return true }
      usleep(1000)
    }
    return false
  }

  func release(_ version: String) { _ = held.withLock { $0.remove(version) } }
}
