internal import Archive
internal import Glibc

/// The most memory this process has held.
public enum PeakMemory {
  /// Peak resident bytes since the process began; 0 where the system does not say.
  public static func residentBytes() -> Int {
    if let bytes = statusOfProcess().flatMap(highWaterBytes(inStatus:)) { return bytes }
    // Second choice: this figure outlives exec, so it may be that of the program that started us.
    var usage = rusage()
    guard unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
    return usage.ru_maxrss * 1024
  }

  /// The `VmHWM` line of /proc/self/status, which the kernel writes in KiB under the name kB.
  static func highWaterBytes(inStatus status: [UInt8]) -> Int? {
    for line in status.split(separator: UInt8(ascii: "\n")) {
      guard line.starts(with: "VmHWM:".utf8) else { continue }
      let digits = line.filter { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
      return Int(String(decoding: digits, as: UTF8.self)).map { $0 * 1024 }
    }
    return nil
  }

  /// Nil where /proc is not mounted or not readable, which is no reason to fail a run.
  private static func statusOfProcess() -> [UInt8]? {
    var status: [UInt8] = []
    do throws(FileError) {
      var file = try InputFile(path: "/proc/self/status")
      while try file.read(into: &status, upTo: 16_384) > 0 {}
    } catch {
      return nil
    }
    return status
  }
}
