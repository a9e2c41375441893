internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct SecretFoundTests {
  @Test func `a secret is found wherever a message has it, and shown masked`() async throws {
    let key = SecretSamples.key
    let scene = RuleScene(turns: [
      RuleScene.turn("user", "use \(key)"),
      RuleScene.turn("assistant", "b", at: 1, ",\"model_metadata\":{\"header\":\"Bearer \(key)\"}"),
      RuleScene.turn("user", "nothing here", at: 2),
    ])
    try await scene.run { report, directory in
      #expect(report.findings.total(.secretFound) == 2)
      let samples = report.findings.samples[Rule.secretFound.index]
      #expect(
        samples.map(\.message).allSatisfy { $0 == "openai-key: sk-…, \(key.count) characters" })
      let written = String(decoding: try directory.read("report/report.json"), as: UTF8.self)
      #expect(!written.contains(key.suffix(12)))
    }
  }

  @Test func `a session's own fields are looked through too`() async throws {
    let fields =
      ",\"title\":\"\(SecretSamples.key)\",\"initial_context\":{\"a\":\"\(SecretSamples.key)\"}"
    #expect(try await RuleScene(turns: [], fields: fields).found(.secretFound) == 2)
  }

  @Test func `tool arguments and results are as well`() async throws {
    let line =
      #"{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":null,"#
      + #""tool_calls":[{"id":"c","function":{"name":"f","arguments":"{\"key\":\""#
      + SecretSamples.key + #"\"}"}}]},{"role":"tool","tool_call_id":"c","content":""#
      + SecretSamples.key + #""}]}"#
    let scene = RuleScene(.openAIChat, files: ["a.jsonl": line + "\n"])
    #expect(try await scene.found(.secretFound) == 2)
  }
}
