internal import Glibc
internal import Logging
internal import Pipeline

/// Shows on stderr how far a run has come, until its task is cancelled.
///
/// On a terminal one line is redrawn five times a second and cleared at the end; elsewhere a log
/// line comes every ten seconds. Run it as a child task beside the work and cancel it afterwards.
func showProgress(_ progress: Progress, logger: Logger) async {
  guard isatty(STDERR_FILENO) == 1 else {
    while await pause(.seconds(10)) {
      let line = progress.snapshot().line(width: .max)
      logger.info("\(line.trimmingPrefix { $0 == " " })")
    }
    return
  }
  while await pause(.milliseconds(200)) {
    // One column stays free: a terminal would wrap after the last one.
    let line = progress.snapshot().line(width: terminalColumns() - 1)
    writeToStandardError("\r\(line)\u{1B}[K")
  }
  writeToStandardError("\r\u{1B}[K")
}

/// False when the task was cancelled, which is how the display is told to end.
private func pause(_ duration: Duration) async -> Bool {
  do {
    try await Task.sleep(for: duration)
    return true
  } catch {
    return false
  }
}

/// Asked each time: a window changes its size.
private func terminalColumns() -> Int {
  var size = winsize()
  let answer = unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size)
  return answer == 0 && size.ws_col > 1 ? Int(size.ws_col) : 80
}

private func writeToStandardError(_ text: String) {
  let bytes = Array(text.utf8)
  // A line that could not be drawn is drawn again in a moment; the run itself must not suffer.
  _ = unsafe write(STDERR_FILENO, bytes, bytes.count)
}
