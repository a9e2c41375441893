internal import Testing

@testable internal import Pipeline

@Suite struct TimeZonesTests {
  private static func zones(_ format: String, _ yaml: String) throws(SpecErrors) -> PipelineSpec {
    try PipelineSpec.parse(
      "source: {format: \(format)}\ntransform: {\(yaml)}", file: "p.yaml", overrides: [],
      environment: [:])
  }

  @Test
  func `each format has the zone it wrote in, one zone is that of all, and a mapping of some`()
    throws
  {
    let own = try Self.zones("auto", "").transform.timeZone
    #expect(
      SourceFormat.allCases.filter { own[$0] != "UTC" } == [.agentMemory])
    #expect(own[.agentMemory] == "Australia/Melbourne")
    let one = try Self.zones("auto", "timeZone: Asia/Tokyo").transform.timeZone
    #expect(SourceFormat.allCases.allSatisfy { one[$0] == "Asia/Tokyo" })
    let some = try Self.zones("auto", "timeZone: {threads: Asia/Tokyo}").transform.timeZone
    #expect(some[.threads] == "Asia/Tokyo")
    #expect(some[.agentMemory] == "Australia/Melbourne")
    #expect(some[.chatHistory] == "UTC")
  }

  @Test(arguments: [
    ("threads", "", "UTC"), ("threads", "timeZone: {agent-memory: Asia/Tokyo}", "UTC"),
    ("agent-memory", "", "Australia/Melbourne"), ("agent-memory", "timeZone: UTC", "UTC"),
    ("messages-dump", "timeZone: {chat-history: Asia/Tokyo}", "UTC"),
    (
      "messages-dump", "timeZone: {threads: Asia/Tokyo}",
      "threads: Asia/Tokyo, messages-dump: UTC"
    ),
  ])
  func `only zones of what may be read make it another work`(
    format: String, yaml: String, expected: String
  ) throws {
    let text = String(decoding: try Self.zones(format, yaml).fingerprintBytes(), as: UTF8.self)
    #expect(text.contains("\ntransform.timeZone=\(expected)\n"))
  }
}
