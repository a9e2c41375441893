internal import Foundation
internal import Logging
internal import Pipeline

/// Writes log entries to stderr, a line each: time, level, message.
struct LineLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let time = Date.now.formatted(.iso8601)
    FileHandle.standardError.write(
      Data("\(time) \(event.level) \("\(event.message)".printable)\n".utf8))
  }
}
