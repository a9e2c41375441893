internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct DetectCommandTests {
  @Test func `every file of a tree is listed with what it is, how sure that is and why`()
    async throws
  {
    try await TemporaryDirectory.with { directory in
      try directory.write("tree/a/t.json", #"{"thread_id":"t","turns":[]}"#)
      try directory.write(
        "tree/b.jsonl", #"{"ts":"2025-10-05T10:12:33Z","role":"user","content":"c"}"#)
      try directory.write("tree/c.jsonl", #"{"messages":[{"role":"user","content":"c"}]}"#)
      try directory.write("tree/d.md", "# notes")
      let listed = try await ConvoyProcess.run(
        ["detect", "tree", "gone"], directory: directory.path)
      #expect(listed.status == 3)
      #expect(
        listed.output == """
          threads\tcertain\ttree/a/t.json\tthread documents with turns
          chat-history\tcertain\ttree/b.jsonl\tlines of ts, role and content
          openai-chat\tcertain\ttree/c.jsonl\tmessages with roles
          none\tcertain\ttree/d.md\tnot JSON
          unreadable\tcertain\tgone\tcannot stat: No such file or directory

          """)
      let lines = try await ConvoyProcess.run(
        ["detect", "--json", "tree/d.md", "tree/c.jsonl"], directory: directory.path)
      #expect(lines.status == 0)
      #expect(
        lines.output == """
          {"schema": "convoy.detection/1", "path": "tree/d.md", "finding": "other", "dialect": null, "confidence": "certain", "reason": "not JSON"}
          {"schema": "convoy.detection/1", "path": "tree/c.jsonl", "finding": "conversations", "dialect": "openai-chat", "confidence": "certain", "reason": "messages with roles"}

          """)
    }
  }

  @Test func `the samples are what their directories say`() async throws {
    let listed = try await ConvoyProcess.run(
      ["detect", "--json", "samples"], directory: Checkout.path)
    #expect(listed.status == 0)
    struct Line: Decodable {
      let path: String
      let dialect: String?
    }
    let lines = try listed.output.split(separator: "\n").map {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }
    let owners = [
      "threads": "threads", "damaged": "threads", "chat-history": "chat-history",
      "openai-chat": "openai-chat", "request-response": "request-response",
      "tool-calls": "tool-calls", "auggie": "auggie", "history-blocks": "chat-history",
      "conversation-tracker": "conversation-tracker", "agent-memory": "agent-memory",
      "messages-dump": "messages-dump", "threads-table": "messages-dump",
      "message-bus": "messages-dump", "files-tables": "messages-dump",
      "messages-tables": "messages-dump", "encodings": "threads",
    ]
    let threeStores = [
      "threads.jsonl": "threads", "messages_rows.sql": "messages-dump",
      "9d5b6c1e-2f3a-4c47-8e0d-6a1f0b7c2e55.jsonl": "chat-history",
    ]
    var count = 0
    for line in lines {
      let parts = line.path.split(separator: "/")
      let expected =
        parts.count > 2 ? owners[String(parts[1])] ?? threeStores[String(parts[2])] : nil
      #expect(line.dialect == expected, "\(line.path)")
      if expected != nil { count += 1 }
    }
    #expect(count == 49)
  }
}
