internal import TestSupport

/// Input that looks like no other and is the same in every run.
enum RandomInput {
  /// Options that cut it into batches of a few hundred rows, for two workers.
  static let smallBatches = [
    "--set", "load.batchBytes=64KiB", "--set", "load.batchRows=200", "--workers", "2",
  ]

  /// 1 200 conversations of up to 8 messages, some of them damaged.
  static func make(_ format: String, in directory: TemporaryDirectory) throws {
    var random = SeededGenerator(7)
    let isHistory = format == "chat-history"
    var lines: [String] = []
    for session in 0..<(isHistory ? 400 : 1200) {
      let count = Int.random(in: 0...8, using: &random)
      let turns = (0..<count).map { index in
        let words = (0..<Int.random(in: 1...60, using: &random)).map { _ in
          String(UInt32.random(in: 0...99_999, using: &random), radix: 36)
        }
        let role =
          Int.random(in: 0..<200, using: &random) == 0 ? "alien" : ["user", "assistant"][index % 2]
        let key = isHistory ? "ts" : "timestamp"
        return
          #"{"\#(key)":"2025-10-16T01:\#(10 + session % 50):\#(10 + index % 5)Z","role":"\#(role)","#
          + #""content":"\#(words.joined(separator: " "))"}"#
      }
      if isHistory {
        let copies = session == 17 ? 300 : 1
        let text = Array(repeating: turns, count: copies).joined().joined(separator: "\n")
        try directory.write("in/c\(session).jsonl", text + "\n")
      } else {
        lines.append(
          #"{"thread_id":"t\#(session)","created_at":"2025-10-16T01:00:00Z","turns":[\#(turns.joined(separator: ","))]}"#
        )
      }
    }
    if !isHistory {
      lines.insert("{\"broken\":", at: 600)
      try directory.write("in/t.jsonl", lines.joined(separator: "\n"))
    }
  }
}

/// Numbers that are the same in every run (Steele, Lea, Flood: "Fast splittable pseudorandom number
/// generators", SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
