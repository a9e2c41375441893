internal import Foundation
internal import Synchronization

/// Processes that end servers and remove their files once the tests are over.
enum EndWatcher {
  /// Leaves such a process behind for one server.
  ///
  /// It waits for the end of a pipe whose other end only this process holds, so that it notices an
  /// ordinary end as well as a crash or `kill -9`.
  ///
  /// - Parameters:
  ///   - pidFile: holds the server's process id in its first line; absent while there is no server.
  ///   - signal: ends the server at once, such as `QUIT`.
  ///   - files: directories to remove afterwards.
  /// - Throws: what Foundation says when no process can be started.
  static func watch(pidFile: String, signal: String, removing files: [String]) throws {
    let script = """
      trap '' INT TERM HUP
      cat > /dev/null
      signal=$1 file=$2
      shift 2
      test -f "$file" && kill "-$signal" "$(head -n 1 "$file")"
      for _ in $(seq 100); do test -f "$file" || break; sleep 0.1; done
      rm -rf "$@"
      """
    let watcher = Process()
    watcher.executableURL = URL(fileURLWithPath: "/bin/sh")
    watcher.arguments = ["-c", script, "sh", signal, pidFile] + files
    let pipe = Pipe()
    _ = fcntl(pipe.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
    watcher.standardInput = pipe
    watcher.standardOutput = FileHandle.nullDevice
    watcher.standardError = FileHandle.nullDevice
    try watcher.run()
    held.withLock { $0.append(pipe) }
  }

  // Closed by the kernel when the process ends, which is the signal the watchers wait for.
  private static let held = Mutex<[Pipe]>([])
}
