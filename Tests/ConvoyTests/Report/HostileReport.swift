internal import TestSupport

/// An input with something wrong in every way a report has a section for, and names that are markup.
enum HostileReport {
  static let markup =
    #""><script>alert(1)</script><img src="http://127.0.0.1:9/x" onerror=alert(2)>"#

  /// JSON lines of threads.
  static var threads: String {
    var lines: [String] = []
    for session in 0..<30 {
      var turns: [String] = []
      for index in 0..<6 {
        let month = 1 + session % 9
        var turn = #""role":"\#(index % 2 == 0 ? "user" : "assistant")","content":"word""#
        turn += #","timestamp":"2025-0\#(month)-1\#(index)T01:02:03""#
        let model = index == 1 ? escaped : "model-\(session)"
        turn += #","model_name":"\#(model)""#
        turn += #","model_provider":"GLM","tool_name":"chat","\#(escaped)":1"#
        turns.append("{\(turn)}")
      }
      turns.append(#"{"role":"moderator","content":"c","timestamp":"2025-01-01T00:00:00Z"}"#)
      turns.append(#"{"role":"<script>x</script>","content":"c"}"#)
      turns.append(#"{"role":"user","content":"c","timestamp":"24/12/2024"}"#)
      turns.append(#"{"role":"user","content":"c","timestamp":"1999-01-01T00:00:00Z"}"#)
      turns.append(#"{"role":"user","content":7}"#)
      turns.append(#"{"role":"human","content":"a \u0000 b"}"#)
      lines.append(
        #"{"thread_id":"t\#(session)","workspace":"w","turns":[\#(turns.joined(separator: ","))]}"#)
    }
    lines += [lines[0], "not JSON", #"{"thread_id":"x","turns":[{"role":"us"#]
    return lines.joined(separator: "\n") + "\n"
  }

  private static var escaped: String { markup.replacing("\"", with: "\\\"") }

  /// Names of files; one of them is markup too.
  static let inputs = ["a.jsonl", "<b onclick=alert(3)>&amp;'.jsonl"]

  /// Writes pipeline and inputs, and runs them without a target.
  static func run(
    in directory: TemporaryDirectory, options: [String] = []
  ) async throws -> RunOutcome {
    try directory.write("pipeline.yaml", "source: {format: threads}\n")
    for name in inputs { try directory.write(name, threads) }
    let ended = try await ConvoyProcess.run(
      ["run", "pipeline.yaml", "--dry-run", "--offline", "--report", "report"]
        + inputs.flatMap { ["--input", $0] } + options,
      environment: ["CONVOY_HOME": "/proc/none", "NO_COLOR": "1"], directory: directory.path)
    return RunOutcome(ended, in: directory)
  }
}
