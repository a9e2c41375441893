internal import Foundation
internal import Testing

@testable internal import Pipeline

@Suite struct RunReportJSONTests {
  @Test func `a small report has exactly this text`() {
    #expect(SampleReport.rejects().json() == expected)
  }

  @Test func `any text in it leaves valid JSON that says the same`() throws {
    let hostile = "a\"\\\u{0}\n\u{7F}\u{85}\u{2028}\u{1F600}e\u{301}/"
    var report = SampleReport.rejects()
    report.target = hostile
    report.failure = hostile
    report.inputs[0].path = hostile
    report.findings.note(
      .jsonSyntax, at: Place(input: 0, line: 1, byteOffset: 0, byteLength: 1), hostile)
    let parsed = try #require(
      try JSONSerialization.jsonObject(with: Data(report.json().utf8)) as? [String: Any])
    #expect(parsed["target"] as? String == hostile)
    #expect(parsed["failure"] as? String == hostile)
    let inputs = try #require(parsed["inputs"] as? [[String: Any]])
    #expect(inputs[0]["path"] as? String == hostile)
    #expect(!report.json().contains("\u{2028}"))
  }

  @Test func `findings beyond the cap are counted, and the cap stands beside the total`() throws {
    var report = SampleReport.clean()
    for line in 1...9 {
      report.findings.note(
        .timeTie, at: Place(input: 0, line: line, byteOffset: line * 10, byteLength: 9), "tie")
    }
    let text = report.json()
    #expect(text.contains("\"total\": 9,\n      \"sampleLimit\": 5,\n      \"samples\": ["))
    #expect(text.split(separator: "\n").count { $0.contains("\"message\": \"tie\"") } == 5)
  }

  @Test func `samples come in input order whatever order the workers had`() {
    var late = FindingLog()
    late.note(.timeTie, at: Place(input: 1, line: 1, byteOffset: 0, byteLength: 1), "third")
    var early = FindingLog()
    early.note(.timeTie, at: Place(input: 0, line: 7, byteOffset: 90, byteLength: 1), "second")
    early.note(.timeTie, at: Place(input: 0, line: 2, byteOffset: 10, byteLength: 1), "first")
    late.merge(early)
    var report = SampleReport.clean()
    report.findings = late
    #expect(report.rankedFindings[0].samples.map(\.message) == ["first", "second", "third"])
  }

  @Test func `a rate over no time is zero and no invalid number`() {
    var report = SampleReport.clean()
    report.seconds = 0
    #expect(report.json().contains("\"rowsPerSecond\": 0.0,\n  \"bytesPerSecond\": 0.0,"))
  }

  @Test func `it is written whole, in a directory made for it, over a former one`() throws {
    let scratch = try ReportScratch()
    var report = SampleReport.rejects()
    try report.write(to: scratch.directory)
    report.outcome = .interrupted
    try report.write(to: scratch.directory)
    let names = try FileManager.default.contentsOfDirectory(atPath: scratch.directory.path)
    #expect(names.sorted() == ["report.html", "report.json"])
    let text = try String(contentsOfFile: scratch.directory.reportPath, encoding: .utf8)
    #expect(text == report.json())
  }

  @Test func `the timestamp is RFC 3339 in UTC`() {
    #expect(RunReport.timestamp().wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
  }

  private let expected = """
    {
      "schema": "convoy.report/1",
      "version": "0.1.0",
      "pipeline": {"name": "threads", "file": "pipelines/threads.yaml"},
      "mode": "load",
      "outcome": "rejects",
      "failure": null,
      "verdict": {
        "answer": "yes-with-losses",
        "text": "loaded 3 sessions, 10 messages into postgresql://loader@db/app in 6.2 s; 1 record rejected",
        "losses": [
          {"count": 1, "what": "message rejected", "severity": "error"}
        ]
      },
      "target": "postgresql://loader@db/app",
      "startedAt": "2026-01-02T03:04:05.000Z",
      "finishedAt": "2026-01-02T03:04:11.200Z",
      "balanced": true,
      "total": {
        "sessions": {"read": 3, "inserted": 3, "updated": 0, "unchanged": 0, "merged": 0, "filtered": 0, "rejected": 0},
        "messages": {"read": 13, "inserted": 10, "updated": 0, "unchanged": 0, "merged": 2, "filtered": 0, "rejected": 1},
        "files": {"read": 0, "inserted": 0, "updated": 0, "unchanged": 0, "merged": 0, "filtered": 0, "rejected": 0}
      },
      "inputs": [
        {
          "path": "a.jsonl",
          "dialect": "thread",
          "bytes": 3100,
          "compressedBytes": 900,
          "tally": {
            "sessions": {"read": 2, "inserted": 2, "updated": 0, "unchanged": 0, "merged": 0, "filtered": 0, "rejected": 0},
            "messages": {"read": 9, "inserted": 7, "updated": 0, "unchanged": 0, "merged": 2, "filtered": 0, "rejected": 0},
            "files": {"read": 0, "inserted": 0, "updated": 0, "unchanged": 0, "merged": 0, "filtered": 0, "rejected": 0}
          },
          "findings": {"error": 0, "warning": 0, "info": 0}
        },
        {
          "path": "b.jsonl",
          "dialect": null,
          "bytes": 6200,
          "compressedBytes": null,
          "tally": {
            "sessions": {"read": 1, "inserted": 1, "updated": 0, "unchanged": 0, "merged": 0, "filtered": 0, "rejected": 0},
            "messages": {"read": 4, "inserted": 3, "updated": 0, "unchanged": 0, "merged": 0, "filtered": 0, "rejected": 1},
            "files": {"read": 0, "inserted": 0, "updated": 0, "unchanged": 0, "merged": 0, "filtered": 0, "rejected": 0}
          },
          "findings": {"error": 1, "warning": 0, "info": 0}
        }
      ],
      "rowsWritten": {"exai_sessions": 3, "exai_messages": 10},
      "stages": [
        {"stage": "extract", "records": 12, "seconds": 1.2},
        {"stage": "transform", "records": 12, "seconds": 0.45},
        {"stage": "validate", "records": 12, "seconds": 0.009},
        {"stage": "load", "records": 12, "seconds": 4.0}
      ],
      "findings": [
        {
          "id": "role.missing",
          "severity": "error",
          "title": "no role",
          "advice": "Mend the record in rejects.jsonl and load it as an input of its own.",
          "pipelineKey": null,
          "total": 1,
          "sampleLimit": 5,
          "samples": [
            {"input": "b.jsonl", "line": 3, "byteOffset": 4100, "field": "role", "message": "turn 3 has no role"}
          ]
        }
      ],
      "rejectClusters": {
        "total": 0,
        "limit": 200,
        "others": 0,
        "clusters": []
      },
      "contents": {
        "rows": {"sessions": 0, "messages": 0},
        "rowBytes": {"sessions": 0, "messages": 0},
        "roles": {"user": 0, "assistant": 0, "system": 0},
        "sourceRoles": {
          "limit": 1000,
          "exact": true,
          "absent": 0,
          "others": 0,
          "names": []
        },
        "models": {
          "limit": 1000,
          "exact": true,
          "absent": 0,
          "others": 0,
          "names": []
        },
        "providers": {
          "limit": 1000,
          "exact": true,
          "absent": 0,
          "others": 0,
          "names": []
        },
        "tools": {
          "limit": 1000,
          "exact": true,
          "absent": 0,
          "others": 0,
          "names": []
        },
        "timeline": {
          "unit": "day",
          "undated": 0,
          "entries": []
        }
      },
      "mapping": {
        "fields": [],
        "unknownSessionFields": {
          "limit": 1000,
          "exact": true,
          "absent": 0,
          "others": 0,
          "names": []
        },
        "unknownMessageFields": {
          "limit": 1000,
          "exact": true,
          "absent": 0,
          "others": 0,
          "names": []
        }
      },
      "files": null,
      "estimate": null,
      "previous": null,
      "rejectLines": 1,
      "batches": {"total": 2, "committed": 2, "alreadyCommitted": 0, "merged": 0, "retries": 0},
      "plan": null,
      "seconds": 6.2,
      "bytesRead": 7100,
      "rowsPerSecond": 2.097,
      "bytesPerSecond": 1145.161,
      "peakMemoryBytes": 100663296,
      "strategy": "online",
      "workers": 3,
      "batchBytes": 4194304,
      "batchRows": 20000
    }

    """
}
