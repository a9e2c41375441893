internal import Foundation
internal import StorageServer

/// One set of files, uploaded by convoy and by curl in turn.
struct UploadComparison {
  let title: String
  let files: [UploadFiles.File]
  let directory: URL

  /// Runs in pairs, each to a bucket of its own server.
  func run(pairs: Int) throws -> UploadReport.Job {
    _ = try run(.convoy, 0)
    var costs: [(convoy: ProcessCost, curl: ProcessCost)] = []
    for pair in 1...pairs {
      if pair % 2 == 0 {
        costs.append((convoy: try run(.convoy, pair), curl: try run(.curl, pair)))
      } else {
        let first = try run(.curl, pair)
        costs.append((convoy: try run(.convoy, pair), curl: first))
      }
    }
    let bytes = try files.reduce(0) { sum, file in
      sum + (try URL(filePath: file.path).resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0)
    }
    return UploadReport.Job(title: title, files: files.count, bytes: bytes, costs)
  }

  private enum Tool: String { case convoy, curl }

  private func run(_ tool: Tool, _ pair: Int) throws -> ProcessCost {
    let disk = directory.appending(path: "server")
    if FileManager.default.fileExists(atPath: disk.path) {
      try FileManager.default.removeItem(at: disk)
    }
    try FileManager.default.createDirectory(at: disk, withIntermediateDirectories: true)
    let server = try LoopbackServer(directory: disk.path)
    defer { server.stop() }
    let list = directory.appending(path: "list-\(tool.rawValue)")
    let prefix = "\(tool.rawValue)-\(pair)"
    let command: [String]
    switch tool {
    case .convoy:
      let lines = files.map { file in
        "\(prefix)/\(file.name)\t\(file.sha256)\t\(file.sum)\t\(file.path)\n"
      }.joined()
      try Data(lines.utf8).write(to: list)
      command = [CommandLine.arguments[0], "upload", "sender", server.address, list.path]
    case .curl:
      try makeBucket(server.address)
      try Data(curlSettings(server.address, prefix).utf8).write(to: list)
      command = ["curl", "--parallel", "--parallel-max", "4", "--config", list.path]
    }
    return try MeasuredProcess(
      command: command, environment: ProcessInfo.processInfo.environment,
      log: directory.appending(path: "logs/\(tool.rawValue).log")
    ).run()
  }

  private func makeBucket(_ address: String) throws {
    let key = StorageSettings().key
    _ = try MeasuredProcess(
      command: [
        "curl", "--silent", "--fail", "-H", "apikey: \(key)", "-H", "Authorization: Bearer \(key)",
        "--json", #"{"name":"mcp-files","public":false}"#, "\(address)/storage/v1/bucket",
      ], environment: ProcessInfo.processInfo.environment,
      log: directory.appending(path: "logs/bucket.log")
    ).run()
  }

  private func curlSettings(_ address: String, _ prefix: String) -> String {
    let key = StorageSettings().key
    return files.map { file in
      """
      url = "\(address)/storage/v1/object/mcp-files/\(prefix)/\(file.name)"
      upload-file = "\(file.path)"
      request = "POST"
      header = "apikey: \(key)"
      header = "Authorization: Bearer \(key)"
      header = "Content-Type: application/octet-stream"
      fail
      silent
      show-error
      """
    }.joined(separator: "\nnext\n") + "\n"
  }
}

/// A server in a process of its own, which ends when this value does.
private final class LoopbackServer {
  let address: String
  private let process = Process()
  private let input = Pipe()

  init(directory: String) throws {
    let output = Pipe()
    process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = ["upload", "server", directory]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    var line = Data()
    while line.last != UInt8(ascii: "\n") {
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { break }
      line += more
    }
    address = String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  func stop() {
    input.fileHandleForWriting.closeFile()
    process.waitUntilExit()
  }
}
