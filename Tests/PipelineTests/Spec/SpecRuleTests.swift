import Testing

@testable import Pipeline

@Suite struct SpecRuleTests {
  private static func refusal(_ yaml: String, format: String = "threads") -> String {
    PipelineSpecTests.refusal("source: {format: \(format)}\n\(yaml)")
  }

  @Test func `severities and limits are read into their own properties`() throws {
    let spec = try PipelineSpecTests.spec(
      """
      source: {format: threads}
      transform: {redact: [jwt, url-password]}
      validate:
        severity: {turn.user-twice: off, secret.found: error, role.unknown: error}
        futureSeconds: 0
        zoneShiftSeconds: 60
        twoWritersMilliseconds: 100
        roleDifferenceMessages: 4
        repeatedContentBytes: 1
        outlierTokens: 7
        outlierCostDollars: 8
        fileRoots: [a, b]
      """)
    var expected = ValidateSpec()
    expected.severity = ["turn.user-twice": .off, "secret.found": .error, "role.unknown": .error]
    expected.futureSeconds = 0
    expected.zoneShiftSeconds = 60
    expected.twoWritersMilliseconds = 100
    expected.roleDifferenceMessages = 4
    expected.repeatedContentBytes = 1
    expected.outlierTokens = 7
    expected.outlierCostDollars = 8
    expected.fileRoots = ["a", "b"]
    #expect(spec.validate == expected)
    #expect(spec.transform.redact == [.jwt, .urlPassword])
  }

  @Test(
    arguments: [
      ("true", SecretKind.allCases), ("false", []), ("[jwt]", [.jwt]), ("[]", []),
    ] as [(String, [SecretKind])])
  func `redact is all, none or a list`(text: String, kinds: [SecretKind]) throws {
    let spec = try PipelineSpecTests.spec(
      "", overrides: ["source.format=threads", "transform.redact=\(text)"])
    #expect(spec.transform.redact == Set(kinds))
  }

  @Test func `a rule can be given a severity on the command line`() throws {
    let spec = try PipelineSpecTests.spec(
      "source: {format: threads}", overrides: ["validate.severity.time.future=error"])
    #expect(spec.validate.severity == ["time.future": .error])
  }

  @Test(arguments: [
    (
      "validate: {severity: {turn.user-twise: off}}",
      "p.yaml:2: validate.severity.turn.user-twise: no rule has this id; did you mean turn.user-twice?"
    ),
    (
      "validate: {severity: {json.syntax: warning}}",
      "p.yaml:2: validate.severity.json.syntax: must be error: there can be no row of what breaks this rule"
    ),
    (
      "validate: {severity: {id.repeated: error}}",
      "p.yaml:2: validate.severity.id.repeated: must not be error: only the whole run or the target "
        + "tells, and the record is loaded by then"
    ),
    (
      "validate: {severity: {text.replaced: error}}",
      "p.yaml:2: validate.severity.text.replaced: must not be error: transform.text: reject rejects "
        + "such records"
    ),
    (
      "validate: {severity: {time.future: loud}}",
      #"p.yaml:2: validate.severity.time.future: must be one of off, info, warning, error, is "loud""#
    ),
    (
      "validate: {futureSecond: 1}",
      "p.yaml:2: validate.futureSecond: unknown key; did you mean validate.futureSeconds?"
    ),
    (
      "validate: {zoneShiftSeconds: 1801}",
      "p.yaml:2: validate.zoneShiftSeconds: must be 1…1200, is 1801"
    ),
    (
      "transform: {redact: maybe}",
      #"p.yaml:2: transform.redact: must be true, false or a list of kinds of secret, is "maybe""#
    ),
  ])
  func `what is wrong with a rule is refused with its line`(yaml: String, expected: String) {
    #expect(Self.refusal(yaml) == expected)
  }

  @Test func `a file of the chat history is not rejected for what only its end tells`() {
    let yaml = "validate: {severity: {title.missing: error}}"
    #expect(
      Self.refusal(yaml, format: "chat-history")
        == "p.yaml:2: validate.severity.title.missing: must not be error: only a whole file tells, "
        + "and its first messages are loaded by then")
    #expect(Self.refusal(yaml) == "")
    #expect(
      Self.refusal(
        "validate: {severity: {turn.user-twice: error}}", format: "chat-history") == "")
  }

  @Test func `limits make another mapping only where a rule rejects by the pipeline's word`() throws
  {
    func fingerprint(_ overrides: [String]) throws -> [UInt8] {
      try PipelineSpecTests.spec("source: {format: threads}", overrides: overrides)
        .fingerprintBytes()
    }
    let base = try fingerprint([])
    #expect(
      try fingerprint(["validate.outlierTokens=9", "validate.severity.time.tie=off"]) == base)
    #expect(try fingerprint(["validate.severity.json.syntax=error"]) == base)
    let raised = try fingerprint(["validate.severity.tokens.outlier=error"])
    #expect(raised != base)
    #expect(
      try fingerprint(["validate.severity.tokens.outlier=error", "validate.outlierTokens=9"])
        != raised)
    #expect(try fingerprint(["transform.redact=true"]) != base)
  }
}
