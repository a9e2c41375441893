internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

@Suite struct RejectsRetryTests {
  @Test(arguments: SeededErrors.all)
  func `what a wider mapping mends is stored as a load with it would have stored it`(
    _ errors: SeededErrors
  ) async throws {
    try await RunScene.with { fresh in
      try errors.write(to: fresh.directory)
      let whole = try await fresh.run(errors.format, ["in"], yaml: SeededErrors.wide).expect()
      try await RunScene.withAnother { scene in
        try errors.write(to: scene.directory)
        let first = try await scene.run(errors.format, ["in"], yaml: SeededErrors.narrow)
        try first.expect(3)
        #expect(try first.rejects.count == errors.rejects)
        let before = try scene.everything(isTimeless: errors.isTimeless)
        let file = try scene.directory.read("report/rejects.jsonl")

        let judged = try await scene.retry(
          errors.format, yaml: SeededErrors.wide, report: "judged", options: ["--dry-run"]
        ).expect()
        #expect(try scene.everything(isTimeless: errors.isTimeless) == before)

        let retried = try await scene.retry(errors.format, yaml: SeededErrors.wide)
        let report = try retried.expect()
        #expect(report.rejectLines == 0)
        #expect(report.total == judged.total)
        #expect(
          try scene.everything(isTimeless: errors.isTimeless)
            == fresh.everything(isTimeless: errors.isTimeless))
        #expect(try scene.directory.read("report/rejects.jsonl") == file)
        #expect(
          try scene.rows("SELECT count(*) FROM exai_messages")
            == [["\(whole.total.messages.inserted + (errors.format == "openai-chat" ? 2 : 0))"]])

        let sums = try scene.checksum()
        let again = try await scene.retry(errors.format, yaml: SeededErrors.wide).expect()
        #expect(again.total.messages.inserted + again.total.sessions.inserted == 0)
        #expect(again.rowsWritten == ["exai_sessions": 0, "exai_messages": 0])
        #expect(try scene.checksum() == sums)
      }
    }
  }

  @Test(arguments: SeededErrors.all)
  func `with the mapping it was made with every reject stays, line for line`(
    _ errors: SeededErrors
  ) async throws {
    try await RunScene.with { scene in
      try errors.write(to: scene.directory)
      try await scene.run(errors.format, ["in"], yaml: SeededErrors.narrow).expect(3)
      let sums = try scene.checksum()
      let retried = try await scene.retry(errors.format, yaml: SeededErrors.narrow)
      let report = try retried.expect(3)
      #expect(report.total.messages.inserted + report.total.sessions.inserted == 0)
      func lines(_ name: String) throws -> [String] {
        String(decoding: try scene.directory.read("\(name)/rejects.jsonl"), as: UTF8.self)
          .split(separator: "\n").map(String.init).sorted()
      }
      #expect(try lines("retried") == lines("report"))
      #expect(try scene.checksum() == sums)
      // What remains can be tried again like what there was at first.
      let mended = try await scene.retry(
        errors.format, "retried/rejects.jsonl", yaml: SeededErrors.wide, report: "mended"
      ).expect()
      #expect(mended.rejectLines == 0)
    }
  }
}
