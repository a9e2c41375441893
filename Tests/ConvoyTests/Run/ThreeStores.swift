internal import TestSupport

/// A conversation in the words of three stores, each of which has it in its own form, and none of it all.
enum ThreeStores: String, CaseIterable, Sendable {
  case dump = "messages-dump"
  case threads
  case lines = "chat-history"

  /// Every order of the three.
  static let orders: [[ThreeStores]] = [
    [.dump, .threads, .lines], [.dump, .lines, .threads], [.threads, .dump, .lines],
    [.threads, .lines, .dump], [.lines, .dump, .threads], [.lines, .threads, .dump],
  ]

  var path: String {
    switch self {
    case .dump: "in/rows.sql"
    case .threads: "in/threads.jsonl"
    case .lines: "in/c-1.jsonl"
    }
  }

  /// What was said, in the order it was; the fourth only the lines have, the last only they and the threads.
  static let said = ["why", "because", "ok", "and now?", "ok", "scale", "ok", "thanks"]

  /// Writes what the stores have: the rows lack the first turn and the last two, the threads the fourth.
  static func write(
    _ directory: TemporaryDirectory, _ conversations: [String] = ["c-1"]
  ) throws {
    var (rows, threads) = ("", "")
    for (number, id) in conversations.enumerated() {
      rows += dump(id, number)
      threads += thread(id)
      try directory.write("in/\(id).jsonl", history)
    }
    try directory.write(ThreeStores.dump.path, rows)
    try directory.write(ThreeStores.threads.path, threads)
  }

  private static func dump(_ id: String, _ conversation: Int) -> String {
    func uuid(_ kind: Int, _ number: Int) -> String {
      let digits = String(conversation * 10 + number)
      return "00000000-0000-4000-800\(kind)-" + String(repeating: "0", count: 12 - digits.count)
        + digits
    }
    func row(_ number: Int, _ role: String, _ content: String, _ time: String) -> String {
      "('\(uuid(2, number))', '\(uuid(1, 0))', '\(role)', '\(content)', "
        + "'2025-10-05 10:00:\(time)+00', '{\"model_used\": \"k2\"}')"
    }
    return """
      INSERT INTO conversations (id, continuation_id, title, created_at) VALUES
        ('\(uuid(1, 0))', '\(id)', 'Kettle', '2025-10-05 10:00:00+00');
      INSERT INTO messages (id, conversation_id, role, content, created_at, metadata) VALUES
        \(row(1, "assistant", "\n\nbecause", "02.5")), \(row(2, "user", "ok", "03.25")),
        \(row(3, "user", "ok", "05.125")), \(row(4, "assistant", "scale", "06.000001"));

      """
  }

  private static func thread(_ id: String) -> String {
    func turn(_ role: String, _ content: String, _ time: String, _ rest: String = "") -> String {
      #"{"role":"\#(role)","content":"\#(content)","timestamp":"2025-10-05T10:00:\#(time)+00:00"\#(rest)}"#
    }
    let model = #","model_name":"glm-4","model_provider":"glm""#
    let turns = [
      turn("user", "why", "01.9"), turn("assistant", "because", "02.6", model),
      turn("user", "ok", "03.3"), turn("user", "ok", "05.2", #","files":["a.py"]"#),
      turn("assistant", "scale", "06.2", model), turn("user", "ok", "07.4"),
      turn("assistant", "thanks", "08", model),
    ]
    return
      #"{"thread_id":"\#(id)","created_at":"2025-10-05T10:00:01+00:00","turns":[\#(turns.joined(separator: ","))]}"#
      + "\n"
  }

  private static var history: String {
    func line(_ role: String, _ content: String, _ second: Int) -> String {
      #"{"ts":"2025-10-05T10:00:0\#(second)Z","role":"\#(role)","content":"\#(content)"}"#
    }
    let bloated =
      #"=== CONVERSATION HISTORY (CONTINUATION) ===\n--- Turn 1 (User) ---\nwhy\n"#
      + #"=== END CONVERSATION HISTORY ===\n\n=== NEW USER INPUT ===\nok\n\nCONVERSATION CONTINUATION: go on"#
    return [
      line("user", "why", 1), line("assistant", "because", 2), line("user", bloated, 3),
      line("assistant", "and now?", 3), line("user", "ok\\r\\n", 5),
      line("assistant", "scale ", 6), line("user", "ok", 7), line("assistant", "thanks", 8),
    ].joined(separator: "\n") + "\n"
  }

  /// What is stored of it in the target's order, in short: of a message with its history what was said.
  static func stored(in scene: RunScene, _ id: String = "c-1") throws -> [String?] {
    try scene.rows(
      """
      SELECT btrim(regexp_replace(content, '^.*=== NEW USER INPUT ===\\n(.*)\\n\\nCONVERSATION.*$', '\\1'), E' \\r\\n')
      FROM exai_messages m JOIN exai_sessions s ON s.id = m.session_id
      WHERE continuation_id = '\(id)' ORDER BY m.created_at
      """
    ).map { $0[0] }
  }
}
