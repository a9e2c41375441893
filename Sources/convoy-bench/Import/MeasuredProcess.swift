internal import Foundation
internal import Glibc

/// What one child process cost.
struct ProcessCost {
  let wallSeconds: Double
  /// User and system time of the child and of the children it waited for.
  let cpuSeconds: Double
  /// The child's largest resident set; nil if this program's own is as large.
  ///
  /// Linux starts a child's count at the size of the process that spawned it, which hides a small child.
  let peakBytes: Int?
}

/// A child process run by posix_spawn and wait4, because only wait4 hands over the child's own rusage.
struct MeasuredProcess {
  let command: [String]
  let environment: [String: String]
  /// Takes the child's stdout and stderr; replaced if there.
  let log: URL

  /// Blocks until the child has ended.
  ///
  /// - Returns: its cost, if it ended with status 0.
  /// - Throws: `BenchError`, with the end of the log when the child failed.
  func run() throws(BenchError) -> ProcessCost {
    let clock = ContinuousClock()
    let start = clock.now
    let child = try spawn()
    var status: Int32 = 0
    var usage = rusage()
    while unsafe wait4(child, &status, 0, &usage) == -1 {
      guard errno == EINTR else { throw .notStarted(program: command[0], errno: errno) }
    }
    let wall = start.duration(to: clock.now)
    guard status == 0 else {
      let signal = status & 0x7F
      throw .failed(
        command: command, ending: signal == 0 ? .exited(status >> 8 & 0xFF) : .signalled(signal),
        output: endOfLog())
    }
    return ProcessCost(
      wallSeconds: wall / .seconds(1),
      cpuSeconds: Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime),
      peakBytes: usage.ru_maxrss > Self.ownPeakKibibytes() ? usage.ru_maxrss * 1_024 : nil)
  }

  private func spawn() throws(BenchError) -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(
      &actions, 1, log.path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)

    var arguments = unsafe command.map { unsafe strdup($0) } + [nil]
    defer { unsafe arguments.forEach { unsafe free($0) } }
    var variables = unsafe environment.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
    defer { unsafe variables.forEach { unsafe free($0) } }
    var child: pid_t = 0
    let failure = unsafe posix_spawnp(&child, command[0], &actions, nil, &arguments, &variables)
    guard failure == 0 else { throw .notStarted(program: command[0], errno: failure) }
    return child
  }

  private func endOfLog() -> String {
    // A log that cannot be read loses only the explanation; the failure itself is reported.
    let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").suffix(3).joined(separator: " / ") + " (\(log.path))"
  }

  private static func ownPeakKibibytes() -> Int {
    var usage = rusage()
    unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss
  }

  private static func seconds(_ time: timeval) -> Double {
    Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000
  }
}
