import Testing

@testable import Pipeline

@Suite struct InterpolationTests {
  static let environment = [
    "USER": "ada", "EMPTY": "", "ROWS": "500", "URL": "postgres://u:pw@h/db",
  ]

  @Test(arguments: [
    ("plain", "plain", "plain"),
    ("${USER}", "ada", ""),
    ("a-${USER}-${ROWS}", "a-ada-500", "a--"),
    ("${NOBODY:-eve}", "eve", "eve"),
    ("${EMPTY:-eve}", "eve", "eve"),
    ("${USER:-eve}", "ada", "eve"),
    ("${EMPTY}", "", ""),
    ("${NOBODY:-}", "", ""),
    ("$${USER} costs $$5 or $5", "${USER} costs $5 or $5", "${USER} costs $5 or $5"),
    ("$", "$", "$"),
  ])
  func `variables, defaults and doubled dollars are replaced`(
    source: String, text: String, written: String
  ) throws {
    let result = try Interpolation(source, environment: Self.environment)
    #expect(result.text == text)
    #expect(result.written == written)
  }

  @Test(arguments: [
    ("${NOBODY}", "needs variable NOBODY, which is not set"),
    ("${USER", "has ${ without }; write $$ for a plain $"),
    ("${}", "has a variable that is not ${NAME} or ${NAME:-default}"),
    ("${1A}", "has a variable that is not ${NAME} or ${NAME:-default}"),
    ("${USER-eve}", "has a variable that is not ${NAME} or ${NAME:-default}"),
    ("${A:-${USER}}", "has a variable that is not ${NAME} or ${NAME:-default}"),
  ])
  func `a variable that is not set or not one is refused with key path and line`(
    source: String, problem: String
  ) {
    let yaml = "source:\n  format: threads\nreport:\n  directory: \"\(source)\""
    #expect(
      PipelineSpecTests.refusal(yaml, environment: Self.environment)
        == "p.yaml:4: report.directory: \(problem)")
  }

  @Test func `variables give numbers, list elements and map values, quoted or not`() throws {
    let spec = try PipelineSpecTests.spec(
      """
      source:
        format: ${FORMAT:-threads}
        inputs: ["${USER}", x]
      transform:
        since: ${EMPTY}
        metadata: {add: {by: "${USER}"}}
      load:
        batchRows: ${ROWS}
        workers: "${WORKERS:-3}"
      """, environment: Self.environment)
    #expect(spec.source.inputs == ["ada", "x"])
    #expect(spec.transform.sinceMicroseconds == nil)
    #expect(spec.transform.metadata.add == ["by": "ada"])
    #expect(spec.load.batchRows == 500)
    #expect(spec.load.workers == 3)
  }

  @Test func `a variable that is not set does not matter where an override replaces it`() throws {
    let spec = try PipelineSpecTests.spec(
      "source: {format: threads}\nload: {batchRows: \"${NOBODY}\"}", overrides: ["load.batchRows=9"]
    )
    #expect(spec.load.batchRows == 9)
  }
}
