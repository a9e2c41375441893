internal import ArgumentParser
internal import Foundation

struct MakeOpenAI: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "openai",
    abstract: "OpenAI chat messages as JSONL, some with tool calls: conversations.jsonl",
    discussion: "A turn is a question and its answer; a tool call and its results come in between.")

  @OptionGroup var options: MakeOptions

  func run() throws {
    let directory = URL(filePath: options.out, directoryHint: .isDirectory)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    var output = try BufferedFile(replacing: directory.appending(path: "conversations.jsonl"))
    var writer = OpenAIWriter(seed: options.seed, turns: options.turns)
    for _ in 0..<options.sessions { try output.write(writer.nextConversation()) }
    try output.close()
    print(
      "\(options.sessions) conversations, \(writer.messages) messages, \(output.byteCount) bytes")
  }
}

private struct OpenAIWriter {
  private var random: SplitMix64
  private let prose: Prose
  private let turns: Int
  private(set) var messages = 0

  init(seed: UInt64, turns: Int) {
    random = SplitMix64(seed: seed)
    prose = Prose(seed: seed)
    self.turns = turns
  }

  mutating func nextConversation() -> [UInt8] {
    var line: [UInt8] = []
    line.append(json: #"{"messages":["#)
    let start = line.count
    if random.percent(70) { appendMessage(role: "system", medianBytes: 150, to: &line) }
    for _ in 0..<turns {
      if line.count > start { line.append(UInt8(ascii: ",")) }
      appendMessage(role: "user", medianBytes: 220, to: &line)
      if random.percent(30) { appendToolCalls(to: &line) }
      line.append(UInt8(ascii: ","))
      appendMessage(role: "assistant", medianBytes: 720, to: &line)
    }
    line.append(json: "]}\n")
    return line
  }

  private mutating func appendMessage(
    role: String, medianBytes: Double, to line: inout [UInt8]
  ) {
    line.append(json: #"{"role":""#)
    line.append(json: role)
    line.append(json: #"","content":""#)
    let wanted = random.logNormal(median: medianBytes, sigma: 0.9)
    prose.appendMessage(Int(wanted), to: &line, &random)
    line.append(json: #""}"#)
    messages += 1
  }

  /// Appends one assistant message with one to three parallel calls, then their results in order.
  private mutating func appendToolCalls(to line: inout [UInt8]) {
    let calls = (0..<random.within(1...3)).map { _ in random.uuid() }
    line.append(json: #",{"role":"assistant","content":null,"tool_calls":["#)
    for (index, call) in calls.enumerated() {
      if index > 0 { line.append(UInt8(ascii: ",")) }
      line.append(json: #"{"id":"call_"#)
      line.append(contentsOf: call)
      line.append(json: #"","type":"function","function":{"name":""#)
      line.append(json: random.pick(["read_file", "search", "run_tests", "query"]))
      line.append(json: #"","arguments":"{\"target\": \""#)
      line.append(contentsOf: prose.word(&random))
      line.append(json: #"\", \"limit\": "#)
      line.append(number: random.within(1...100))
      line.append(json: #"}"}}"#)
    }
    line.append(json: "]}")
    messages += 1
    for call in calls {
      line.append(json: #",{"role":"tool","tool_call_id":"call_"#)
      line.append(contentsOf: call)
      line.append(json: #"","content":""#)
      prose.appendMessage(
        Int(random.logNormal(median: 300, sigma: 1)), to: &line, &random)
      line.append(json: #""}"#)
      messages += 1
    }
  }
}
