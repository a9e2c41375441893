internal import Testing

@testable internal import Pipeline

@Suite struct RunReportTextTests {
  private let directory = ReportDirectory(path: "out")

  private func text(_ report: RunReport) -> String {
    report.text(directory: directory, colour: false)
  }

  private func verdict(_ report: RunReport) -> String? {
    text(report).split(separator: "\n").first.map(String.init)
  }

  @Test func `a clean load`() {
    #expect(
      text(SampleReport.clean()) == """
        loaded 3 sessions, 10 messages into postgresql://loader@db/app in 6.2 s

                  read  inserted  updated  unchanged  merged  filtered  rejected
        sessions     3         3        0          0       0         0         0
        messages    12        10        0          0       2         0         0

        stages   extract 1.2 s, transform 450 ms, validate 9 ms, load 4.0 s (summed over 3 workers)
        page     out/report.html
        report   out/report.json
        rate     2 rows/s, 1.1 kB/s, peak memory 96 MiB

        """)
  }

  @Test func `a load with rejects names them and where they are`() {
    #expect(
      text(SampleReport.rejects()) == """
        loaded 3 sessions, 10 messages into postgresql://loader@db/app in 6.2 s; 1 record rejected

                  read  inserted  updated  unchanged  merged  filtered  rejected
        sessions     3         3        0          0       0         0         0
        messages    13        10        0          0       2         0         1

        stages   extract 1.2 s, transform 450 ms, validate 9 ms, load 4.0 s (summed over 3 workers)
        error  role.missing  1  turn 3 has no role (b.jsonl:3)
        page     out/report.html
        report   out/report.json
        rejects  out/rejects.jsonl (1 line)
        rate     2 rows/s, 1.1 kB/s, peak memory 96 MiB

        """)
  }

  @Test func `a second run says unchanged`() {
    var report = SampleReport.clean()
    report.inputs.removeLast()
    report.inputs[0].tally.sessions = SampleReport.counts(read: 2, unchanged: 2)
    report.inputs[0].tally.messages = SampleReport.counts(read: 9, unchanged: 7, merged: 2)
    report.workers = 1
    #expect(
      text(report) == """
        unchanged: everything is in the target already

                  read  inserted  updated  unchanged  merged  filtered  rejected
        sessions     2         0        0          2       0         0         0
        messages     9         0        0          7       2         0         0

        stages   extract 1.2 s, transform 450 ms, validate 9 ms, load 4.0 s
        page     out/report.html
        report   out/report.json
        rate     1 rows/s, 1.1 kB/s, peak memory 96 MiB

        """)
  }

  @Test func `a dry run says what would be`() {
    let report = SampleReport.rejects(mode: .dryRun)
    #expect(
      verdict(report)
        == "dry run: 3 sessions and 10 messages would be loaded; 1 record would be rejected")
    let withoutDirectory = report.text(directory: nil, colour: false)
    #expect(
      !withoutDirectory.contains("report.json") && !withoutDirectory.contains("rejects.jsonl"))
  }

  @Test func `an interrupted load says what is in and how to go on`() {
    var report = SampleReport.clean()
    report.outcome = .interrupted
    #expect(
      verdict(report)
        == "interrupted after 6.2 s: 3 sessions, 10 messages loaded; "
        + "the same command goes on from there")
    report.inputs = []
    #expect(
      verdict(report)
        == "interrupted after 6.2 s: nothing loaded; the same command goes on from there")
    report.mode = .dryRun
    #expect(
      verdict(report)
        == "dry run interrupted after 6.2 s; counts are of what was read until then")
  }

  @Test func `a failure gives its reason and what stays loaded`() {
    var report = SampleReport.clean()
    report.outcome = .failed
    report.failure = "a.jsonl:17: disk full"
    #expect(
      verdict(report)
        == "failed after 6.2 s: a.jsonl:17: disk full; 3 sessions, 10 messages loaded before that")
    report.mode = .dryRun
    #expect(verdict(report) == "dry run failed after 6.2 s: a.jsonl:17: disk full")
  }

  @Test func `nothing to load, nothing loaded and inputs not read are three things`() {
    var report = SampleReport.clean()
    report.inputs = []
    #expect(verdict(report) == "nothing to load: the inputs hold no records")
    report.inputs = [.init(path: "a.jsonl", dialect: "thread")]
    report.inputs[0].tally.messages = SampleReport.counts(read: 5, filtered: 5)
    #expect(verdict(report) == "nothing loaded")
    report.outcome = .rejects
    report.inputs[0].tally.messages = SampleReport.counts(read: 5, unchanged: 5)
    report.findings.note(
      .inputUnreadable, at: Place(input: 0, line: 1, byteOffset: 0, byteLength: 0), "denied")
    #expect(verdict(report) == "unchanged: nothing new for the target; 1 input not read")
  }

  @Test func `files have a row only when some were read`() {
    var report = SampleReport.clean()
    #expect(!text(report).contains("\nfiles"))
    report.inputs[0].tally.files = SampleReport.counts(read: 1, inserted: 1)
    #expect(text(report).contains("\nfiles        1         1        0          0"))
    #expect(verdict(report)?.contains("3 sessions, 10 messages, 1 file into") == true)
  }

  @Test func `counts that do not balance are shown by input and kind`() {
    var report = SampleReport.clean()
    report.inputs[1].tally.messages.read += 2
    report.outcome = .failed
    #expect(!report.isBalanced)
    #expect(verdict(report)?.contains("failed after 6.2 s: counts do not balance") == true)
    #expect(
      text(report).contains(
        "\ncounts do not balance: b.jsonl: 5 messages read, 3 accounted for\n"))
    #expect(report.json().contains("\"balanced\": false,"))
  }

  @Test func `inputs whose errors cancel out in the total still do not balance`() {
    var report = SampleReport.clean()
    report.inputs[0].tally.messages.read += 1
    report.inputs[1].tally.messages.read -= 1
    #expect(report.total.isBalanced)
    #expect(!report.isBalanced)
  }

  @Test func `worst findings come first, the cap beside the true total`() {
    var report = SampleReport.rejects()
    for rule in [Rule.timeTie, .timeTie, .timeNaive, .jsonSyntax, .valueRange, .jsonNumber] {
      for line in 1...6 {
        report.findings.note(
          rule, at: Place(input: 0, line: line, byteOffset: line, byteLength: 1), "of \(rule)")
      }
    }
    let lines = text(report).split(separator: "\n")
    let first = lines.firstIndex { $0.hasPrefix("error") } ?? 0
    #expect(
      lines[first...].prefix(6).joined(separator: "\n") == """
        error    json.syntax    6  of jsonSyntax (a.jsonl:1); 5 of 6 kept as samples
        error    role.missing   1  turn 3 has no role (b.jsonl:3)
        warning  json.number    6  of jsonNumber (a.jsonl:1); 5 of 6 kept as samples
        warning  value.range    6  of valueRange (a.jsonl:1); 5 of 6 kept as samples
        info     time.tie      12  of timeTie (a.jsonl:1); 5 of 12 kept as samples
        and 1 rule more
        """)
    #expect(lines.count <= 20)
  }

  @Test func `it has 25 lines at most, whatever the run was`() {
    var report = SampleReport.rejects(mode: .dryRun)
    report.inputs[0].tally.files = SampleReport.counts(read: 9, inserted: 1)
    report.inputs[0].tally.sessions.read += 1
    report.inputs[1].tally.messages.read += 1
    for rule in Rule.allCases {
      report.findings.note(
        rule, at: Place(input: 0, line: 1, byteOffset: 0, byteLength: 1), "of \(rule)")
    }
    for word in ["narrator", "moderator", "tutor", "narrator"] {
      report.clusters.add(SampleReport.reject(role: word))
    }
    report.estimate = LoadEstimate(of: report, earlier: nil)
    let lines = text(report).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count <= 26, "the last one is the end of the one before")
    #expect(lines.contains("change   transform.roles={narrator: system} for 2 rejects"))
    #expect(lines.contains("change   transform.roles={moderator: system} for 1 reject"))
    #expect(!lines.contains { $0.contains("tutor") })
    #expect(
      lines.contains(
        "load     6.2 s for 14 rows, at the rate of this dry run, which stores nothing: "
          + "expect a load to take longer"))
  }

  @Test func `control characters of the data do not reach the terminal`() {
    var report = SampleReport.rejects()
    report.inputs[0].path = "a\u{1B}[2J\u{202E}.jsonl"
    report.findings.note(
      .jsonSyntax, at: Place(input: 0, line: 1, byteOffset: 0, byteLength: 1), "x\r\ny\u{7}")
    #expect(text(report).contains(#"x\u{d}\u{a}y\u{7} (a\u{1b}[2J\u{202e}.jsonl:1)"#))
  }

  @Test func `a long message is cut with a mark`() {
    var report = SampleReport.clean()
    report.findings.note(
      .jsonSyntax, at: Place(input: 0, line: 1, byteOffset: 0, byteLength: 1),
      String(repeating: "é", count: 101))
    #expect(text(report).contains("  " + String(repeating: "é", count: 99) + "… (a.jsonl:1)\n"))
  }

  @Test(arguments: [
    (RunReport.Outcome.done, "\u{1B}[32mloaded"), (.rejects, "\u{1B}[33mloaded"),
    (.failed, "\u{1B}[31mfailed"), (.interrupted, "\u{1B}[33minterrupted"),
  ])
  func `colour says the outcome and changes no word`(outcome: RunReport.Outcome, start: String) {
    var report = SampleReport.rejects()
    report.outcome = outcome
    let coloured = report.text(directory: directory, colour: true)
    #expect(coloured.hasPrefix(start))
    #expect(coloured.contains("\u{1B}[31merror\u{1B}[0m  role.missing"))
    #expect(coloured.replacing(/\x{1B}\[\d+m/, with: "") == text(report))
  }
}
