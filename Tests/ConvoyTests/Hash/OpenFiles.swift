internal import Foundation
internal import TestSupport

/// What a process has open.
enum OpenFiles {
  /// Whether it has a file of that name open.
  static func has(_ name: String, _ process: Int32) -> Bool {
    let descriptors = "/proc/\(process)/fd"
    // A process that has ended has nothing open.
    let numbers = (try? FileManager.default.contentsOfDirectory(atPath: descriptors)) ?? []
    return numbers.contains { number in
      // Closed since they were listed.
      let path = try? FileManager.default.destinationOfSymbolicLink(
        atPath: "\(descriptors)/\(number)")
      return path?.hasSuffix("/\(name)") ?? false
    }
  }

  /// Waits until it has, a minute at most.
  static func waitUntilOpen(_ name: String, by process: Int32) async throws {
    for _ in 0..<30_000 {
      if has(name, process) { return }
      try await Task.sleep(for: .milliseconds(2))
    }
    throw TestFailure("\(name) was not opened")
  }
}
