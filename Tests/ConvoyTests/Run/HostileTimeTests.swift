internal import Pipeline
internal import TestSupport
internal import Testing

/// Times at and beyond the ends of what clocks, calendars and the target know.
@Suite struct HostileTimeTests {
  /// A JSON value, and the time it is in UTC or the rule that rejects it.
  private static let times: [(source: String, stored: String)] = [
    (#""0001-01-01T00:00:00Z""#, "0001-01-01 00:00:00.000000"),
    (#""0000-12-31T23:59:59Z""#, "time.range"),
    (#""0000-01-01T00:00:00Z""#, "time.range"),
    (#""0000-01-01T00:00:00+01:00""#, "time.invalid"),
    (#""-0001-01-01T00:00:00Z""#, "time.invalid"),
    (#""-5000-01-01T00:00:00Z""#, "time.invalid"),
    (#""9999-12-31T23:59:59Z""#, "9999-12-31 23:59:59.000000"),
    (#""9999-12-31T23:59:59.9Z""#, "time.range"),
    (#""9999-12-31T23:59:59.9999996Z""#, "time.invalid"),
    (#""9999-12-31T23:59:59-01:00""#, "time.invalid"),
    (#""10000-01-01T00:00:00Z""#, "time.invalid"),
    (#""+12025-01-01T00:00:00Z""#, "time.invalid"),
    (#""294277-01-01T00:00:00Z""#, "time.invalid"),
    (#""5874898-01-01""#, "time.invalid"),
    (#""2025-06-30T23:59:60Z""#, "2025-07-01 00:00:00.000000"),
    (#""2025-06-30T23:59:61Z""#, "time.invalid"),
    (#""2025-06-30T24:00:00Z""#, "time.invalid"),
    (#""2025-06-30T23:60:00Z""#, "time.invalid"),
    (#""2025-06-01T00:00:00+15:59""#, "2025-05-31 08:01:00.000000"),
    (#""2025-06-01T00:00:00-15:59""#, "2025-06-01 15:59:00.000000"),
    (#""2025-06-01T00:00:00\u002b10:00""#, "2025-05-31 14:00:00.000000"),
    (#""2025-06-01T00:00:00+24:00""#, "time.invalid"),
    (#""2025-06-01T00:00:00+10:60""#, "time.invalid"),
    (#""2025-06-01T00:00:00+1""#, "time.invalid"),
    (#""2025-06-01T00:00:00 UTC""#, "time.invalid"),
    (#""2025-06-01T00:00:00.123456789Z""#, "2025-06-01 00:00:00.123457"),
    (#""2025-06-01T00:00:00.9999996Z""#, "2025-06-01 00:00:01.000000"),
    (#""2025-06-01T00:00:00.Z""#, "time.invalid"),
    (#""2024-02-29T12:00:00Z""#, "2024-02-29 12:00:00.000000"),
    (#""2025-02-29T12:00:00Z""#, "time.invalid"),
    (#""2025-13-01T00:00:00Z""#, "time.invalid"),
    (#""2025-00-01T00:00:00Z""#, "time.invalid"),
    (#""2025-01-00T00:00:00Z""#, "time.invalid"),
    (#""2025-06-01T00:00:00Z\u0000""#, "time.invalid"),
    (#""２０２５-06-01T00:00:00Z""#, "time.invalid"),
    (#""now""#, "time.invalid"),
    (#""infinity""#, "time.invalid"),
    (#""-infinity""#, "time.invalid"),
    (#""epoch""#, "time.invalid"),
    (#""NaN""#, "time.invalid"),
    (#""1700000000""#, "time.invalid"),
    ("0", "1970-01-01 00:00:00.000000"),
    ("-0.0000001", "1970-01-01 00:00:00.000000"),
    ("-1", "1969-12-31 23:59:59.000000"),
    ("1e-300", "1970-01-01 00:00:00.000000"),
    ("1.7e9", "2023-11-14 22:13:20.000000"),
    ("1700000000.1234567", "2023-11-14 22:13:20.123457"),
    ("-62135596800", "0001-01-01 00:00:00.000000"),
    ("-62135596801", "time.range"),
    // From 1e11 on milliseconds, from 1e14 on microseconds.
    ("99999999999", "5138-11-16 09:46:39.000000"),
    ("100000000000", "1973-03-03 09:46:40.000000"),
    ("99999999999999", "5138-11-16 09:46:39.999000"),
    ("9405117360000000", "2268-01-14 12:36:00.000000"),
    ("1700000000000000000", "time.invalid"),
    ("1e300", "time.invalid"),
    ("1e400", "time.invalid"),
    ("true", "time.invalid"),
    ("[]", "time.invalid"),
    ("{}", "time.invalid"),
  ]

  private static func turn(_ number: Int, _ source: String) -> String {
    #"{"role":"user","content":"\#(number)","timestamp":\#(source)}"#
  }

  @Test(arguments: ["v8", "v5"])
  func `a time is stored to the microsecond or its message rejected`(ids: String) async throws {
    try await RunScene.with { scene in
      let lines = Self.times.enumerated().map { number, time in
        // The session's own times may be as impossible, and are then only noted.
        """
        {"thread_id":"t\(number)","created_at":\(time.source),"last_updated_at":\(time.source),\
        "turns":[\(Self.turn(number, time.source))]}

        """
      }
      try scene.directory.write("t.jsonl", lines.joined())
      let run = try await scene.run(
        "threads", ["t.jsonl"],
        yaml: """
          transform: {ids: \(ids), earliest: "0001-01-01T00:00:00Z", latest: "9999-12-31T23:59:59Z"}
          """)
      let report = try run.expect(3)
      let bad = Self.times.enumerated().filter { $1.stored.hasPrefix("time.") }
      #expect(report.total.sessions == .of(inserted: Self.times.count))
      #expect(
        report.total.messages
          == .of(inserted: Self.times.count - bad.count, rejected: bad.count))
      #expect(try run.rejects.map(\.text) == bad.map { Self.turn($0, $1.source) })
      #expect(try run.rejects.map(\.rule) == bad.map(\.element.stored))
      #expect(report.found["value.range"] == 2 * bad.count)
      let rows = try scene.rows(
        """
        SELECT to_char(m.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'),
          (s.created_at = m.created_at AND s.updated_at = m.created_at)::text
        FROM exai_sessions s LEFT JOIN exai_messages m ON m.session_id = s.id
        ORDER BY substr(s.continuation_id, 2)::int
        """)
      for (row, time) in zip(rows, Self.times) {
        #expect(
          row == (time.stored.hasPrefix("time.") ? [nil, nil] : [time.stored, "true"]),
          "\(time.source)")
      }
      #expect(rows.count == Self.times.count)
    }
  }
}
