/// Conversations enough for many batches, none of them with anything wrong.
enum ManyThreads {
  /// JSON lines, a conversation of five messages each.
  static func text(_ count: Int, prefix: String = "t") -> String {
    (0..<count).map { session in
      let turns = (0..<5).map {
        #"{"role":"user","content":"s\#(session) m\#($0)","timestamp":"2025-10-16T01:02:0\#($0)Z"}"#
      }
      return #"{"thread_id":"\#(prefix)\#(session)","turns":[\#(turns.joined(separator: ","))]}"#
        + "\n"
    }.joined()
  }

  /// Options that cut them into batches of a few hundred rows.
  static let smallBatches = ["--set", "load.batchBytes=64KiB", "--set", "load.batchRows=200"]
}
