internal import Foundation

/// Threads as their legacy store wrote them: compact JSON, every field present, absent values null.
struct ThreadDocuments: Codable, Equatable {
  let sessions: Int
  let turns: Int
  let files: Int
  let seed: UInt64
  /// Raised when the same options give other bytes than before, so that kept data is made again.
  var generation = 1

  /// Returns the bytes written; memory does not grow with the number of threads.
  func write(into directory: URL) throws -> Int {
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    var writer = ThreadWriter(seed: seed, turns: turns)
    var written = 0
    for file in 0..<files {
      var output = try BufferedFile(
        replacing: directory.appending(path: "threads-\(file + 1).jsonl"))
      for _ in sessions * file / files..<sessions * (file + 1) / files {
        try output.write(writer.nextThread())
      }
      try output.close()
      written += output.byteCount
    }
    return written
  }
}

private struct ThreadWriter {
  private var random: SplitMix64
  private let prose: Prose
  private let turns: Int
  private var previousThread: [UInt8]?

  init(seed: UInt64, turns: Int) {
    random = SplitMix64(seed: seed)
    prose = Prose(seed: seed)
    self.turns = turns
  }

  mutating func nextThread() -> [UInt8] {
    let id = random.uuid()
    let created = random.startOfConversation()
    let tool = random.pick(["chat", "codereview", "debug", "thinkdeep", "planner", "analyze"])
    let client = random.pick([#""Claude""#, #""Auggie""#, "null"])
    var time = created
    var body: [UInt8] = []
    body.reserveCapacity(turns * 1_200)
    for turn in 0..<turns {
      if turn > 0 { body.append(UInt8(ascii: ",")) }
      time += random.within(1...180_000_000)
      appendTurn(isUser: turn % 2 == 0, at: time, tool: tool, to: &body)
    }

    var line: [UInt8] = []
    line.reserveCapacity(body.count + 1_024)
    line.append(json: #"{"thread_id":""#)
    line.append(contentsOf: id)
    line.append(json: #"","parent_thread_id":"#)
    if let parent = previousThread, random.percent(5) {
      line.append(UInt8(ascii: "\""))
      line.append(contentsOf: parent)
      line.append(UInt8(ascii: "\""))
    } else {
      line.append(json: "null")
    }
    line.append(json: #","created_at":""#)
    line.append(isoformat: created)
    line.append(json: #"","last_updated_at":""#)
    line.append(isoformat: time)
    line.append(json: #"","tool_name":""#)
    line.append(json: tool)
    line.append(json: #"","session_fingerprint":null,"client_friendly_name":"#)
    line.append(json: client)
    line.append(json: #","initial_context":{"prompt":""#)
    prose.appendSentence(to: &line, &random)
    line.append(json: #"","files":"#)
    appendFiles(to: &line)
    line.append(json: #"},"turns":["#)
    line.append(contentsOf: body)
    line.append(json: "]}\n")
    previousThread = id
    return line
  }

  private mutating func appendTurn(
    isUser: Bool, at time: EpochMicroseconds, tool: String, to line: inout [UInt8]
  ) {
    line.append(json: isUser ? #"{"role":"user","content":""# : #"{"role":"assistant","content":""#)
    let wanted = random.logNormal(median: isUser ? 210 : 690, sigma: 0.9)
    prose.appendMessage(min(Int(wanted), Self.longestMessageBytes), to: &line, &random)
    line.append(json: #"","timestamp":""#)
    line.append(isoformat: time)
    line.append(json: #"","files":"#)
    if isUser { appendFiles(to: &line) } else { line.append(json: "null") }
    line.append(json: #","images":null,"tool_name":"#)
    if isUser {
      line.append(
        json: #"null,"model_provider":null,"model_name":null,"model_metadata":null}"#)
      return
    }
    let model = random.pick(Self.models)
    line.append(json: #"""#)
    line.append(json: tool)
    line.append(json: #"","model_provider":""#)
    line.append(json: model.provider)
    line.append(json: #"","model_name":""#)
    line.append(json: model.name)
    line.append(json: #"","model_metadata":{"usage":{"input_tokens":"#)
    line.append(number: random.within(200...20_000))
    line.append(json: #","output_tokens":"#)
    line.append(number: random.within(20...2_000))
    line.append(json: #"},"finish_reason":"stop"}}"#)
  }

  private mutating func appendFiles(to line: inout [UInt8]) {
    guard random.percent(20) else { return line.append(json: "null") }
    line.append(UInt8(ascii: "["))
    for file in 0..<random.within(1...4) {
      line.append(json: file == 0 ? #"""# : #",""#)
      prose.appendPath(to: &line, &random)
      line.append(UInt8(ascii: "\""))
    }
    line.append(UInt8(ascii: "]"))
  }

  private static let longestMessageBytes = 65_536
  private static let models: [(provider: String, name: String)] = [
    ("google", "gemini-2.5-pro"), ("google", "gemini-2.5-flash"), ("openai", "o3"),
    ("kimi", "kimi-k2-0905-preview"), ("glm", "glm-4.6"), ("glm", "glm-4.5-flash"),
  ]
}
