internal import Foundation

/// How busy the machine is with work of any program.
enum LoadAverage {
  /// Processes that ran or waited for a processor, averaged over the last minute.
  static func now() throws -> Double {
    let text = try String(contentsOfFile: "/proc/loadavg", encoding: .utf8)
    return text.split(separator: " ").first.flatMap { Double($0) } ?? 0
  }
}
