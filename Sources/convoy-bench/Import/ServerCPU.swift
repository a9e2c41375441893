internal import Foundation
internal import Glibc

/// The processor time of a PostgreSQL server on this machine, read from /proc.
struct ServerCPU {
  let postmaster: Int

  /// Nil when the number does not belong to a server on this machine, as with a remote one.
  init?(postmaster: Int) {
    // An unreadable name means the process is not here; there is nothing else to learn from the error.
    let name = try? String(contentsOfFile: "/proc/\(postmaster)/comm", encoding: .utf8)
    guard name?.hasPrefix("postgres") == true else { return nil }
    self.postmaster = postmaster
  }

  /// User and system time of the postmaster, its living children and those it has reaped.
  ///
  /// Only differences mean something.
  func ticks() throws -> Int {
    while true {
      let before = Self.stat(postmaster)
      var ticks = 0
      for entry in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
        guard let process = Int(entry), process != postmaster,
          let stat = Self.stat(process), stat.parent == postmaster
        else { continue }
        ticks += stat.ownTicks
      }
      let after = Self.stat(postmaster)
      // One reaped in between would count twice, as a child and as reaped, or not at all.
      guard before?.reapedTicks == after?.reapedTicks else { continue }
      return ticks + (after.map { $0.ownTicks + $0.reapedTicks } ?? 0)
    }
  }

  /// Clock ticks are usually 10 ms.
  static func seconds(ticks: Int) -> Double {
    Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  private static func stat(_ process: Int) -> (parent: Int, ownTicks: Int, reapedTicks: Int)? {
    // Processes end while /proc is listed; one that is gone has been counted by its parent.
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
      let nameEnd = text.lastIndex(of: ")")
    else { return nil }
    // Numbers in proc(5) start at pid = 1; the first one after the name is the state = 3.
    let fields = text[text.index(after: nameEnd)...].split(separator: " ").map { Int($0) ?? 0 }
    guard fields.count > 14 else { return nil }
    return (fields[1], fields[11] + fields[12], fields[13] + fields[14])
  }
}
