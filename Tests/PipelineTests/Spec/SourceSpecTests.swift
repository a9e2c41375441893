import Testing

@testable import Pipeline

@Suite struct SourceSpecTests {
  @Test func `a database is read in place of inputs`() throws {
    let spec = try PipelineSpecTests.spec(
      """
      source:
        format: threads
        database: ${LEGACY_URL}
        passwordCommand: pass show legacy
        tables: [old.conversations]
      """, environment: ["LEGACY_URL": "postgresql://ada:secret@db.example/legacy"])
    #expect(spec.source.database == .url("postgresql://ada:secret@db.example/legacy"))
    #expect(spec.source.passwordCommand == "pass show legacy")
    #expect(spec.source.tables == ["old.conversations"])
    #expect(spec.source.inputs.isEmpty)
  }

  @Test(arguments: [
    (
      "{format: threads, database: local, inputs: [a]}",
      "source.inputs: does not go with source.database, whose tables are the input"
    ),
    (
      "{format: threads, database: local, encoding: windows-1252}",
      "source.encoding: does not go with source.database, whose server tells it"
    ),
    (
      "{format: threads, encoding: latin1}",
      "source.encoding: must be one of utf-8, windows-1252, is \"latin1\""
    ),
    (
      "{format: auto, database: local}",
      "source.format: cannot be auto where source.database names what is read"
    ),
    (
      "{format: threads, tables: [a]}",
      "source.tables: goes with source.database, which is not there"
    ),
    (
      "{format: threads, passwordCommand: a}",
      "source.passwordCommand: goes with source.database, which is not there"
    ),
    (
      "{format: threads, database: 'postgresql://ada:secret@db/x'}",
      "source.database: must not hold a password; put the password in PGPASSWORD, a service file or a pass file"
    ),
    (
      "{format: threads, database: loca}",
      "source.database: must be local, a postgres:// URL or service=NAME"
    ),
    (
      "{format: threads, database: local, tables: [a, a]}",
      "source.tables[1]: is in the list already"
    ),
  ])
  func `what does not go together is refused without its password`(text: String, expected: String) {
    let refusal = PipelineSpecTests.refusal("source: \(text)")
    #expect(refusal == "p.yaml:1: \(expected)")
    #expect(!refusal.contains("secret"))
  }
}
