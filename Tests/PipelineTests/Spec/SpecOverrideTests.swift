import Testing

@testable import Pipeline

@Suite struct SpecOverrideTests {
  static let yaml = "source:\n  format: threads\nload:\n  batchRows: 5\n"

  @Test func `an override replaces, adds, empties, and the last one wins`() throws {
    let spec = try PipelineSpecTests.spec(
      Self.yaml + "report: {samples: 9}\n",
      overrides: [
        "load.batchRows=6", "load.batchRows=7", "load.batchBytes=1MiB", "report.samples=",
        "source.inputs=[a, 'b=c']", "transform.roles.critic=user",
        "transform.metadata.add.a.b=x y", "load.target=service=prod",
      ])
    #expect(spec.load.batchRows == 7)
    #expect(spec.load.batchBytes == 1 << 20)
    #expect(spec.report.samples == 5)
    #expect(spec.source.inputs == ["a", "b=c"])
    #expect(spec.transform.roles["critic"] == .user)
    #expect(spec.transform.metadata.add == ["a.b": "x y"])
    #expect(spec.load.target == .service("prod"))
  }

  @Test func `an override of a section replaces all of it`() throws {
    let spec = try PipelineSpecTests.spec(Self.yaml, overrides: ["load={workers: 2}"])
    #expect(spec.load.workers == 2)
    #expect(spec.load.batchRows == 20_000)
  }

  @Test func `variables in an override are replaced`() throws {
    let spec = try PipelineSpecTests.spec(
      Self.yaml, overrides: ["load.target=postgres://u:${PW}@h/db"], environment: ["PW": "x"])
    #expect(spec.load.target == .url("postgres://u:x@h/db"))
  }

  @Test(arguments: [
    ("load.batchRows=0", "--set load.batchRows: must be 1…1000000, is 0"),
    (
      "load.x=1",
      "--set load.x: unknown key; known here: target, passwordCommand, batchBytes, batchRows, "
        + "conflict, strategy, maxRejects, maxRejectRatio, maxRejectRatioAfter, maxFindings, workers"
    ),
    ("load.batchRow=1", "--set load.batchRow: unknown key; did you mean load.batchRows?"),
    ("batchRows=1", "--set batchRows: unknown key; did you mean load.batchRows?"),
    ("load.batchRows.x=1", "--set load.batchRows.x: load.batchRows has no keys below it"),
    ("source=5", "--set source: must be a mapping of keys, is 5"),
    (
      "report.directory=@",
      "--set report.directory: is not YAML: found character that cannot start any token"
    ),
    ("load={workers: 1, workers: 2}", "--set load.workers: is given more than once"),
    ("load.batchRows", "--set: must be KEY.PATH=VALUE"),
    ("=5", "--set: must be KEY.PATH=VALUE"),
    ("postgres://u:secret@h/db?a=b", "--set: must be KEY.PATH=VALUE"),
    (
      "load.target=postgres://u:secret@h/db",
      "--set load.target: must not hold a password; put the password in PGPASSWORD, "
        + "a service file or a pass file"
    ),
    ("transform.since=${NOPE}", "--set transform.since: needs variable NOPE, which is not set"),
  ])
  func `a wrong override is refused with its key path`(argument: String, refusal: String) {
    #expect(PipelineSpecTests.refusal(Self.yaml, overrides: [argument]) == refusal)
  }
}
