/// The report as CI systems read it: a test case for each rule and each input, which fails with its errors.
extension RunReport {
  /// Inputs that have a case of their own; the first ones.
  static let junitInputLimit = 10_000

  /// XML in the form that JUnit's Ant task gave its name to.
  func junit() -> [UInt8] {
    let totals = Rule.allCases.map { ($0, findings.total($0)) }
    let failedRules = totals.count { rules.severity(of: $0.0) == .error && $0.1 > 0 }
    let cases = inputs.indices.prefix(Self.junitInputLimit)
    let failedInputs = cases.count { inputFailure($0) != nil }
    var writer = XMLWriter()
    let all: [(StaticString, String)] = [
      ("name", "convoy \(pipelineName)"), ("tests", "\(1 + totals.count + cases.count)"),
      ("failures", "\(failedRules + failedInputs + (failsAsAWhole ? 1 : 0))"),
      ("time", Quantity.fixed(seconds, decimals: 2)),
    ]
    writer.element("testsuites", all) { writer in
      suite("run", count: 1, failures: failsAsAWhole ? 1 : 0, &writer) { writer in
        testCase("run", mode.rawValue, failure: failsAsAWhole ? verdict : nil, [], &writer)
      }
      suite("rules", count: totals.count, failures: failedRules, &writer) { writer in
        for (rule, total) in totals { testCase(rule, total, &writer) }
      }
      suite("inputs", count: cases.count, failures: failedInputs, &writer) { writer in
        for index in cases {
          let details = findings.inputs.counts(index).map {
            "\(rules.severity(of: $0.rule).rawValue) \($0.rule.rawValue): \($0.count)"
          }
          testCase("inputs", inputs[index].path, failure: inputFailure(index), details, &writer)
        }
        if inputs.count > cases.count {
          writer.element("system-out", text: "\(cases.count) of \(inputs.count) inputs are listed")
        }
      }
    }
    return writer.bytes
  }

  private var failsAsAWhole: Bool { answer == .no || answer == .unknown || !isBalanced }

  private func suite(
    _ name: String, count: Int, failures: Int, _ writer: inout XMLWriter,
    _ body: (inout XMLWriter) -> Void
  ) {
    writer.element(
      "testsuite",
      [
        ("name", name), ("tests", "\(count)"), ("failures", "\(failures)"), ("errors", "0"),
        ("skipped", "0"), ("timestamp", String(startedAt.prefix(19))),
      ], body)
  }

  private func testCase(_ rule: Rule, _ total: Int, _ writer: inout XMLWriter) {
    let samples = findings.samples[rule.index].sorted { $0.place.isBefore($1.place) }
    var details = samples.map { sample in
      let place = inputPath(of: sample.place).map { "\($0):\(sample.place.line): " } ?? ""
      return place + sample.message
    }
    if total > samples.count, total > 0 {
      details.append("\(samples.count) of \(total) are shown")
    }
    let isFailure = rules.severity(of: rule) == .error && total > 0
    testCase(
      "rules", rule.rawValue,
      failure: isFailure ? "\(Quantity.counted(total, "finding")): \(rule.title)" : nil, details,
      &writer)
  }

  private func testCase(
    _ suite: String, _ name: String, failure: String?, _ details: [String],
    _ writer: inout XMLWriter
  ) {
    let attributes: [(StaticString, String)] = [
      ("classname", "convoy.\(pipelineName).\(suite)"), ("name", name), ("time", "0"),
    ]
    let text = details.joined(separator: "\n")
    guard failure != nil || !text.isEmpty else {
      writer.element("testcase", attributes)
      return
    }
    writer.element("testcase", attributes) { writer in
      if let failure {
        writer.element("failure", [("message", failure)], text: text)
      } else {
        writer.element("system-out", text: text)
      }
    }
  }

  /// Why an input fails; nil where none of its records is lost.
  private func inputFailure(_ index: Int) -> String? {
    let rejected = inputs[index].tally.kinds.reduce(0) { $0 + $1.counts.rejected }
    let errors = findings(of: index).reduce(0) { $0 + ($1.severity == .error ? $1.count : 0) }
    guard rejected > 0 || errors > 0 || !inputs[index].tally.isBalanced else { return nil }
    return inputs[index].tally.isBalanced
      ? "\(Quantity.counted(rejected, "record")) rejected, \(Quantity.counted(errors, "error"))"
      : "its counts do not balance"
  }
}
