internal import Crypto
internal import Foundation
internal import Testing

@testable internal import Pipeline

@Suite struct PageTests {
  private static let hostile =
    #"'"><script>alert(1)</script><img src=x onerror=alert(2)>&lt;"# + "\u{202E}\u{0}"

  private func page(_ report: RunReport) -> String {
    String(decoding: report.page(), as: UTF8.self)
  }

  /// A report of which every text is `text` and every list has `count` entries.
  private func report(_ text: String, count: Int = 1) -> RunReport {
    var report = RunReport(
      version: text, pipelineName: text, pipelineFile: text, mode: .dryRun, outcome: .rejects,
      target: text, startedAt: text, finishedAt: text)
    report.inputs = (0..<count).map { index in
      var input = RunReport.Input(path: "\(text)\(index)", dialect: text)
      input.tally.messages = SampleReport.counts(read: 3, inserted: 2, rejected: 1)
      return input
    }
    report.inputs[0].tally.sessions.read += 1
    report.findings = FindingLog(sampleLimit: count)
    for rule in Rule.allCases {
      for index in 0..<count {
        report.findings.note(
          rule, at: Place(input: 0, line: index, byteOffset: index, byteLength: 1), field: text,
          text)
      }
    }
    for index in 0..<count {
      var reject = SampleReport.reject(role: "\(text)\(index)")
      reject.input = text
      reject.field = text
      reject.message = text
      reject.constraint = text
      reject.column = text
      report.clusters.add(reject)
    }
    var names = NameTally()
    for index in 0..<count { names.count(Array("\(text.prefix(100))\(index)".utf8).span) }
    for path: WritableKeyPath<RunFacts, NameCounts> in [
      \.models, \.providers, \.tools, \.sourceRoles, \.unknownSessionFields, \.unknownMessageFields,
    ] {
      report.facts[keyPath: path].add(names)
    }
    var days = DayTally()
    for day in 0..<count { days.count(Timestamp(days: day * 40, secondOfDay: 0, microsecond: 0)) }
    report.facts.timeline.add(days)
    report.facts.messageRows = count
    report.mapping = [MappedField(source: text, column: text)]
    return report
  }

  @Test func `texts of the data are escaped wherever they stand`() {
    let page = page(report(Self.hostile))
    #expect(page.components(separatedBy: "<script>").count == 2)
    #expect(!page.contains("<img") && !page.contains("\u{202E}") && !page.contains("\u{0}"))
    #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
    #expect(page.contains("&amp;lt;"))
    // Inside attributes: no quote of the data ends one.
    #expect(!page.contains("\"'\"") && !page.contains("=\"'\"><"))
  }

  @Test func `a report of very much stays far below 2 MB and says what it leaves out`() {
    let text = String(repeating: "long text ", count: 300)
    let report = report(text, count: 3000)
    let bytes = report.page()
    #expect(bytes.count < 1_600_000)
    let page = String(decoding: bytes, as: UTF8.self)
    for cap in [
      "40 of 200 groups are shown.", "20 of 1 000 names are shown.",
      "50 of 3 000 inputs are shown.", "50 of 1 000 names are shown.", "20 of 3 000",
      "200 shapes are told apart",
      "1000 names are told apart",
    ] {
      #expect(page.contains(cap), "\(cap)")
    }
  }

  @Test func `only the page's own style and script may run, by their digests`() throws {
    let page = page(SampleReport.clean())
    for (tag, directive) in [("style", "style-src"), ("script", "script-src")] {
      let source = try #require(
        page.components(separatedBy: "<\(tag)>").dropFirst().first?
          .components(separatedBy: "</\(tag)>").first)
      let digest = Data(SHA256.hash(data: Data(source.utf8))).base64EncodedString()
      #expect(page.contains("\(directive) &#39;sha256-\(digest)&#39;"))
    }
    #expect(page.contains("default-src &#39;none&#39;"))
    #expect(!page.contains("http:") && !page.contains("https:") && !page.contains("style=\""))
  }

  @Test(arguments: [
    (RunReport.Mode.dryRun, RunReport.Outcome.done, "Yes, all of it can be loaded"),
    (.dryRun, .rejects, "It can be loaded, but not all of it"),
    (.dryRun, .overBudget, "No, a load would stop"),
    (.dryRun, .failed, "No, the dry run failed"),
    (.dryRun, .interrupted, "Not known, the dry run was interrupted"),
    (.load, .done, "Loaded, and nothing was left out"),
    (.load, .rejects, "Loaded, but not all of it"),
    (.load, .overBudget, "Stopped, too much is wrong"),
    (.load, .failed, "The load failed"),
    (.load, .interrupted, "Interrupted, the same command goes on"),
  ])
  func `the verdict is the first heading`(
    mode: RunReport.Mode, outcome: RunReport.Outcome, headline: String
  ) {
    var report =
      outcome == .done ? SampleReport.clean(mode: mode) : SampleReport.rejects(mode: mode)
    report.outcome = outcome
    #expect(page(report).contains("<h1>\(headline)</h1>"))
  }

  @Test func `sections with nothing to say are left out, with their links`() {
    let page = page(SampleReport.clean())
    for section in ["rejects", "findings", "differences", "timeline", "contents"] {
      #expect(!page.contains("id=\"\(section)\"") && !page.contains("#\(section)\""), "\(section)")
    }
    for section in ["balance", "inputs", "mapping", "measures"] {
      #expect(page.contains("id=\"\(section)\"") && page.contains("#\(section)\""), "\(section)")
    }
  }

  @Test func `inputs with most rejects and errors come first`() throws {
    var report = SampleReport.rejects()
    report.findings.note(
      .jsonSyntax, at: Place(input: 0, line: 1, byteOffset: 0, byteLength: 1), "x")
    let table = try #require(page(report).components(separatedBy: "id=\"inputs-table\"").last)
    let places = try [#require(table.range(of: "b.jsonl")), #require(table.range(of: "a.jsonl"))]
    #expect(places[0].lowerBound < places[1].lowerBound)
  }

  @Test func `a share is never rounded to nothing or to all`() {
    #expect(DataTable.share(1, of: 10_000) == "< 0.1 %")
    #expect(DataTable.share(9_999, of: 10_000) == "> 99.9 %")
    #expect(DataTable.share(0, of: 9) == "0.0 %" && DataTable.share(9, of: 9) == "100.0 %")
    #expect(DataTable.share(0, of: 0) == "–")
  }

  @Test func `JUnit XML of hostile texts holds no character XML does not have`() {
    let text = String(decoding: report(Self.hostile + "\u{FFFE}\u{1B}").junit(), as: UTF8.self)
    #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
    #expect(!text.unicodeScalars.contains("\u{FFFE}"))
    #expect(!text.contains("<script") && !text.contains("<img"))
    #expect(text.contains(#"\u{1b}"#) && text.contains("&amp;lt;"))
  }
}
