internal import TestSupport

extension RunScene {
  /// Tries the rejects of a run again with a pipeline of some format; its report is in `retried`.
  func retry(
    _ format: String, _ file: String = "report/rejects.jsonl", yaml: String = "",
    report: String = "retried", options: [String] = []
  ) async throws -> RunOutcome {
    try directory.write("pipeline.yaml", "source: {format: \(format)}\n\(yaml)\n")
    let ended = try await convoy(
      ["rejects", "retry", file, "pipeline.yaml", "--target", database.url, "--report", report]
        + options)
    return RunOutcome(ended, in: directory, reportName: report)
  }

  /// Every column of every row of both tables.
  ///
  /// With `isTimeless` the times of the import are left out, and of messages only their distance from the
  /// first of their session is kept.
  func everything(isTimeless: Bool = false) throws -> [[String?]] {
    let sessions = isTimeless ? "to_jsonb(t) - 'created_at' - 'updated_at'" : "to_jsonb(t)"
    let messages =
      isTimeless
      ? """
      to_jsonb(t) - 'created_at'
        || jsonb_build_object('after', t.created_at - min(t.created_at) OVER (PARTITION BY session_id))
      """ : "to_jsonb(t)"
    return try rows(
      """
      SELECT * FROM (SELECT 'session', id::text, (\(sessions))::text FROM exai_sessions t
      UNION ALL SELECT 'message', id::text, (\(messages))::text FROM exai_messages t) a ORDER BY 1, 2
      """)
  }
}
