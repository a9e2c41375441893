internal import ArgumentParser
internal import Foundation

struct MakeChatHistory: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chat-history",
    abstract: "Chat history: one <continuation_id>.jsonl for each conversation.")

  @OptionGroup var options: MakeOptions

  func run() throws {
    let directory = URL(filePath: options.out, directoryHint: .isDirectory)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    var random = SplitMix64(seed: options.seed)
    let prose = Prose(seed: options.seed)
    var written = 0
    for _ in 0..<options.sessions {
      let name = String(decoding: random.uuid(), as: UTF8.self) + ".jsonl"
      var time = random.startOfConversation()
      var lines: [UInt8] = []
      for turn in 0..<options.turns {
        let isUser = turn % 2 == 0
        lines.append(json: #"{"ts":""#)
        lines.append(seconds: time)
        lines.append(
          json: isUser
            ? #"Z","role":"user","content":""# : #"Z","role":"assistant","content":""#)
        let wanted = random.logNormal(median: isUser ? 210 : 690, sigma: 0.9)
        prose.appendMessage(Int(wanted), to: &lines, &random)
        lines.append(json: "\"}\n")
        // Answers within the same second happen: times of this format tie.
        time += random.below(120) * 1_000_000
      }
      try Data(lines).write(to: directory.appending(path: name))
      written += lines.count
    }
    print(
      "\(options.sessions) files, \(options.sessions * options.turns) messages, \(written) bytes")
  }
}
