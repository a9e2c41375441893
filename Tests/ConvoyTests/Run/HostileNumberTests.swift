internal import Pipeline
internal import TestSupport
internal import Testing

/// Numbers at and beyond the ends of every numeric column type.
@Suite struct HostileNumberTests {
  /// A JSON value and what each type of column has of it, as the server writes it; nil where the value
  /// stays in metadata alone.
  private struct Number {
    let source: String
    let int2, int4, int8, float8, price, numeric: String?

    init(
      _ source: String, _ int2: String?, _ int4: String?, _ int8: String?, _ float8: String?,
      _ price: String?, _ numeric: String?
    ) {
      self.source = source
      (self.int2, self.int4, self.int8) = (int2, int4, int8)
      (self.float8, self.price, self.numeric) = (float8, price, numeric)
    }
  }

  private static let numbers: [Number] = [
    Number("0", "0", "0", "0", "0", "0.000000", "0"),
    Number("-0", "0", "0", "0", "-0", "0.000000", "0"),
    Number("-0.0", "0", "0", "0", "-0", "0.000000", "0.0"),
    Number("0.5", "1", "1", "1", "0.5", "0.500000", "0.5"),
    Number("-0.5", "-1", "-1", "-1", "-0.5", "-0.500000", "-0.5"),
    Number("1E+3", "1000", "1000", "1000", "1000", "1000.000000", "1000"),
    Number(#""42""#, "42", "42", "42", "42", "42.000000", "42"),
    Number(#""1e2""#, "100", "100", "100", "100", "100.000000", "100"),
    Number("32767", "32767", "32767", "32767", "32767", nil, "32767"),
    Number("32768", nil, "32768", "32768", "32768", nil, "32768"),
    Number("-32768", "-32768", "-32768", "-32768", "-32768", nil, "-32768"),
    Number("-32769", nil, "-32769", "-32769", "-32769", nil, "-32769"),
    Number("2147483647", nil, "2147483647", "2147483647", "2147483647", nil, "2147483647"),
    Number("2147483648", nil, nil, "2147483648", "2147483648", nil, "2147483648"),
    Number("2147483647.5", nil, nil, "2147483648", "2147483647.5", nil, "2147483647.5"),
    Number("-2147483648", nil, "-2147483648", "-2147483648", "-2147483648", nil, "-2147483648"),
    Number(
      "9223372036854775807", nil, nil, "9223372036854775807", "9.223372036854776e+18", nil,
      "9223372036854775807"),
    Number(
      "9223372036854775808", nil, nil, nil, "9.223372036854776e+18", nil, "9223372036854775808"),
    Number(
      "-9223372036854775808", nil, nil, "-9223372036854775808", "-9.223372036854776e+18", nil,
      "-9223372036854775808"),
    Number(
      "-9223372036854775809", nil, nil, nil, "-9.223372036854776e+18", nil, "-9223372036854775809"),
    Number(
      "18446744073709551616", nil, nil, nil, "1.8446744073709552e+19", nil, "18446744073709551616"),
    Number("1234567890123456789012345678901234567890", nil, nil, nil, nil, nil, nil),
    Number("1e308", nil, nil, nil, "1e+308", nil, "1" + String(repeating: "0", count: 308)),
    Number("1.8e308", nil, nil, nil, nil, nil, "18" + String(repeating: "0", count: 307)),
    Number("1e400", nil, nil, nil, nil, nil, "1" + String(repeating: "0", count: 400)),
    Number("-1e400", nil, nil, nil, nil, nil, "-1" + String(repeating: "0", count: 400)),
    Number(
      "1e-400", "0", "0", "0", "0", "0.000000", "0." + String(repeating: "0", count: 399) + "1"),
    Number(
      "5e-324", "0", "0", "0", "5e-324", "0.000000",
      "0." + String(repeating: "0", count: 323) + "5"),
    Number("1e10001", nil, nil, nil, nil, nil, nil),
    Number("1e20000", nil, nil, nil, nil, nil, nil),
    Number("1e99999999999999999999", nil, nil, nil, nil, nil, nil),
    Number(
      "0.123456789012345678901234567890", "0", "0", "0", "0.12345678901234568", "0.123457",
      "0.123456789012345678901234567890"),
    Number(
      "9999.9999994", "10000", "10000", "10000", "9999.9999994", "9999.999999", "9999.9999994"),
    Number("9999.9999995", "10000", "10000", "10000", "9999.9999995", nil, "9999.9999995"),
    Number(
      "-9999.999999", "-10000", "-10000", "-10000", "-9999.999999", "-9999.999999", "-9999.999999"),
    Number("0.0000004", "0", "0", "0", "4e-07", "0.000000", "0.0000004"),
    Number(#""NaN""#, nil, nil, nil, nil, nil, nil),
    Number(#""Infinity""#, nil, nil, nil, nil, nil, nil),
    Number(#""-Infinity""#, nil, nil, nil, nil, nil, nil),
    Number(#""~93""#, nil, nil, nil, nil, nil, nil),
    Number(#""""#, nil, nil, nil, nil, nil, nil),
    Number(#"" 7""#, nil, nil, nil, nil, nil, nil),
    Number(#""0x10""#, nil, nil, nil, nil, nil, nil),
    Number(#""1,000""#, nil, nil, nil, nil, nil, nil),
    Number(#""١""#, nil, nil, nil, nil, nil, nil),
    Number(#""7\u0000""#, nil, nil, nil, nil, nil, nil),
    Number("true", nil, nil, nil, nil, nil, nil),
    Number("[]", nil, nil, nil, nil, nil, nil),
    Number("{}", nil, nil, nil, nil, nil, nil),
  ]

  private static let broken = [
    "NaN", "Infinity", "-Infinity", "01", "+1", ".5", "1.", "1e", "0x10", "1_000", "--1", "1e+-2",
  ]

  private static func thread(_ number: Int, _ source: String) -> String {
    """
    {"thread_id":"t\(number)","turns":[{"role":"user","content":"\(number)","model_metadata":\
    {"usage":{"prompt_tokens":\(source),"completion_tokens":\(source)},"cost_usd":\(source),\
    "latency_ms":\(source)}}]}
    """
  }

  @Test(arguments: [
    ("int2", "int4", "int8", "numeric(10,6)"), ("float8", "numeric", "bigint", "numeric"),
  ])
  func `a number goes to its column exactly, or stays in metadata and is counted`(
    tokensIn: String, tokensOut: String, latency: String, cost: String
  ) async throws {
    try await RunScene.with { scene in
      let types = [
        ("tokens_in", tokensIn), ("tokens_out", tokensOut), ("latency_ms", latency),
        ("cost_usd", cost),
      ]
      for (column, type) in types {
        try scene.execute(
          """
          ALTER TABLE exai_messages ALTER \(column) DROP DEFAULT;
          ALTER TABLE exai_messages ALTER \(column) TYPE \(type)
          """)
      }
      let sources = Self.numbers.map(\.source) + Self.broken
      try scene.directory.write(
        "t.jsonl",
        sources.enumerated().map { Self.thread($0, $1) + "\n" }.joined())
      let run = try await scene.run("threads", ["t.jsonl"])
      let report = try run.expect(3)
      #expect(
        report.total.sessions == .of(inserted: Self.numbers.count, rejected: Self.broken.count))
      #expect(
        try run.rejects.map(\.text)
          == Self.broken.enumerated().map { Self.thread(Self.numbers.count + $0, $1) })
      #expect(try run.rejects.allSatisfy { $0.rule == "json.syntax" })
      let rows = try scene.rows(
        """
        SELECT tokens_in::text, tokens_out::text, latency_ms::text, cost_usd::text,
          (SELECT string_agg(k, ' ' ORDER BY k) FROM jsonb_object_keys(metadata->'legacy') k),
          (metadata #> '{legacy,cost_usd}' IS DISTINCT FROM metadata #> '{model_metadata,cost_usd}'
            AND cost_usd IS NULL)::text
        FROM exai_messages ORDER BY content::int
        """)
      var kept = 0
      for (row, number) in zip(rows, Self.numbers) {
        let isFirst = tokensIn == "int2"
        let expected =
          isFirst
          ? [number.int2, number.int4, number.int8, number.price]
          : [number.float8, number.numeric, number.int8, number.numeric]
        let beside = zip(["tokens_in", "tokens_out", "latency_ms", "cost_usd"], expected)
          .filter { $0.1 == nil }.map(\.0)
        kept += beside.count
        #expect(Array(row[..<4]) == expected, "\(number.source)")
        #expect(row[4] == (beside + ["index"]).sorted().joined(separator: " "), "\(number.source)")
        #expect(row[5] == "false", "\(number.source)")
      }
      #expect(rows.count == Self.numbers.count)
      #expect(report.found["value.range"] == kept)
      #expect(report.found["json.number"] == 2)
    }
  }

  /// Scales below zero are rounded to tens, as the server does.
  @Test func `a column of whole hundreds takes what rounds to its digits`() async throws {
    try await RunScene.with { scene in
      try scene.execute("ALTER TABLE exai_messages ALTER cost_usd TYPE numeric(3,-2)")
      let sources = ["12345", "99949", "99950", "49", "50"]
      try scene.directory.write(
        "t.jsonl", sources.enumerated().map { Self.thread($0, $1) + "\n" }.joined())
      let report = try await scene.run("threads", ["t.jsonl"]).expect()
      #expect(
        try scene.rows("SELECT cost_usd FROM exai_messages ORDER BY content::int")
          == [["12300"], ["99900"], ["0"], ["0"], ["100"]])
      #expect(report.found["value.range"] == 1)
    }
  }
}
