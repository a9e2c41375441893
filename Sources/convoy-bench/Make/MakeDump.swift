internal import ArgumentParser
internal import Foundation

/// Writes what `pg_dump` writes of the tables conversations and messages, the messages in random order.
struct MakeDump: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dump",
    abstract: "A dump in SQL: conversations, and messages in random order.")

  @Option(help: "File to write.")
  var out: String
  @Option(help: "Messages.")
  var messages = 2_000_000
  @Option(help: "Messages of each conversation.")
  var turns = 20
  @Option(help: "Seed of the generator; equal seeds make equal files.")
  var seed: UInt64 = 1

  func run() throws {
    var file = try BufferedFile(replacing: URL(filePath: out))
    var random = SplitMix64(seed: seed)
    let prose = Prose(seed: seed)
    let sessions = max(1, messages / turns)
    try file.write(Array(Self.beginning.utf8))
    for number in 0..<sessions {
      var line = Self.id(1, number)
      line.append(json: "\t")
      line += Self.id(3, number)
      line.append(json: "\tConversation\t{\"tool_name\": \"chat\"}\t")
      append(time: Self.start(number), to: &line)
      line.append(json: "\t")
      append(time: Self.start(number) + turns * 7_000_000, to: &line)
      line.append(json: "\n")
      try file.write(line)
    }
    try file.write(Array(Self.between.utf8))
    let count = sessions * turns
    // Multiples of a prime that does not divide the count come to each number once, far from each other.
    let step = count % 1_000_003 == 0 ? 1_000_033 : 1_000_003
    for number in 0..<count {
      let message = number * step % count
      var line = Self.id(2, message)
      line.append(json: "\t")
      line += Self.id(1, message / turns)
      let isUser = message % turns % 2 == 0
      line.append(json: isUser ? "\tuser\t" : "\tassistant\t")
      let wanted = random.logNormal(median: isUser ? 140 : 360, sigma: 0.7)
      // Text in JSON's form has COPY's escapes for line ends; its quotes need none.
      prose.appendMessage(Int(wanted), to: &line, &random)
      line.append(
        json: isUser
          ? "\t{\"tool_name\": \"chat\"}\t"
          : "\t{\"tool_name\": \"chat\", \"model_used\": \"k2\", \"provider_used\": \"KIMI\", \"token_usage\": "
            + "{\"input_tokens\": 120, \"output_tokens\": 80}, \"response_time_ms\": 1812.25}\t")
      append(time: Self.start(message / turns) + message % turns * 7_000_000, to: &line)
      line.append(json: "\n")
      try file.write(line)
    }
    try file.write(Array("\\.\n".utf8))
    try file.close()
    print("\(sessions) conversations, \(count) messages, \(file.byteCount) bytes")
  }

  private static func start(_ session: Int) -> EpochMicroseconds {
    1_735_689_600_000_000 + session * 211_000_000
  }

  private func append(time: EpochMicroseconds, to line: inout [UInt8]) {
    let start = line.count
    line.append(isoformat: time)
    // The server writes a space for the T, and whole hours without their minutes.
    line[start + 10] = UInt8(ascii: " ")
    line.removeLast(3)
  }

  /// The id of the `number`-th thing of a kind.
  private static func id(_ kind: Int, _ number: Int) -> [UInt8] {
    var random = SplitMix64(seed: UInt64(kind) << 40 | UInt64(number))
    return random.uuid()
  }

  private static let beginning = """
    --
    -- PostgreSQL database dump
    --
    SET client_encoding = 'UTF8';
    COPY public.conversations (id, continuation_id, title, metadata, created_at, updated_at) FROM stdin;

    """

  private static let between = """
    \\.
    COPY public.messages (id, conversation_id, role, content, metadata, created_at) FROM stdin;

    """
}
