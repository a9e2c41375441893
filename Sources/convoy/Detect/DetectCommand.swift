internal import ArgumentParser
internal import Foundation
internal import Pipeline

struct DetectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "detect",
    abstract: "Say of files what conversations they hold, if any, and what tells.",
    discussion: """
      Each file's first 64 KiB are looked at, whatever its name is; nothing is loaded. A pipeline with \
      source.format auto reads the same files as the same.

      Exit status: 0 done, 3 done but something could not be read, 64 usage.
      """)

  @Argument(help: "Files and directories.")
  var path: [String]

  @Flag(help: "Print one JSON object a line.")
  var json = false

  func run() async throws {
    var isAllRead = true
    Detection.each(of: path) { detection in
      if detection.finding == .unreadable { isAllRead = false }
      let line = json ? detection.json : DetectionLine(detection: detection).text
      FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }
    if !isAllRead { throw ExitCode(ExitStatus.rejects) }
  }
}
