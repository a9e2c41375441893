import Testing

@testable import Pipeline

struct FileDetectorTests {
  private static let thread = #"{"thread_id":"t","turns":[{"role":"user","content":"c"}]}"#
  private static let line = #"{"ts":"2025-10-05T10:12:33Z","role":"user","content":"c"}"#
  private static let chat = #"{"messages":[{"role":"user","content":"c"}]}"#

  private static func found(_ text: String, _ name: String = "a.jsonl", isAll: Bool = true)
    -> Detection
  {
    Detection(path: name, head: Array(text.utf8), isAll: isAll)
  }

  @Test(
    arguments: [
      (thread, SourceFormat.threads),
      (thread + "\n" + thread + "\n", .threads),
      ("[\(thread),\n\(thread)]", .threads),
      ("{\n  \"turns\": [\n  ],\n  \"thread_id\": \"t\"\n}\n", .threads),
      (#"{"key":"thread:t","ttl":5,"value":"{}"}"#, .threads),
      (#"{"thread:a":\#(thread),"thread:b":"{}"}"#, .threads),
      (line, .chatHistory),
      (line + "\r\n" + line, .chatHistory),
      (chat, .openAIChat),
      ("[\n\(chat)\n,\n\(chat)\n]", .openAIChat),
      (#"{"traj":[{"role":"system","content":"c"}]}"#, .openAIChat),
      (#"{"custom_id":"1","body":{"model":"m","messages":[{"role":"user"}]}}"#, .openAIChat),
      (
        #"[{"role":"user","content":"c"}]"# + "\n" + #"[{"role":"user","content":"d"}]"#,
        .openAIChat
      ),
      (#"{"tool_name":"t","args":{},"start_ts":1.5}"# + "\r\n", .toolCalls),
      (
        #"{"timestamp":1.5,"event":"tool_start","tool":"t"}"# + "\n"
          + #"{"timestamp":1.5,"tool":"t","duration_s":1}"#, .toolCalls
      ),
      (#"{"null":{"history":[],"_ts":5},"null":{"history":[]}}"#, .auggie),
      (#"{"session_id":"s","history":[],"_ts":5}"#, .auggie),
      (#"{"auggie:session:x":"{\"history\":[]}"}"#, .auggie),
      (#"{"key":"auggie:session:x","ttl":5,"value":"{}"}"# + "\n", .auggie),
      (#"{"auggie:session:x":"{}","thread:a":"{}"}"#, .threads),
      (
        #"{"key":"auggie:session:x","value":"{}"}"# + "\n" + #"{"key":"thread:a","value":"{}"}"#,
        .threads
      ),
      (
        #"{"conversation_id":"glm_conv_1","provider":"glm","expires_at":"x","messages":[]}"#,
        .conversationTracker
      ),
      (
        #"{"conversation_id":"c","provider":"p","expires_at":"x","messages":[{"role":"user"}]}"#,
        .conversationTracker
      ),
      (#"[{"timestamp":"t","category":"c","content":"x"}]"#, .agentMemory),
      (#"{"session_id":"s","start_time":"t","operations":[]}"#, .agentMemory),
    ] as [(String, SourceFormat)])
  func `a conversation is told by what only its dialect has`(text: String, dialect: SourceFormat) {
    let found = Self.found(text)
    #expect(found.finding == .conversations(dialect))
    #expect(found.confidence == .certain)
  }

  @Test(arguments: [
    ("", "empty"), (" \n\t", "empty"), ("PK\u{3}\u{4}", "not JSON"), ("name: x\n", "not JSON"),
    ("true", "single values"), ("[1, 2]", "single values"),
    (#"{"a":1}"#, "objects of an unknown form"),
    (
      #"{"consolidated_at":"2025-11-15T20:56:35Z","learnings":["a"]}"#, "objects of an unknown form"
    ),
    (#"{"conversations":[{"from":"human","value":"c"}]}"#, "conversations in the form of ShareGPT"),
    (#"{"title":"t","mapping":{}}"#, "a conversation in the form of ChatGPT's export"),
    (#"{"prompt":"p","completion":"c"}"#, "pairs of prompt and completion"),
    (#"{"messages":[]}"#, "a conversation without messages"),
    (#"[{"role":"user","content":"c"}]"#, "messages that say of no conversation whose they are"),
    (#"{"event":"token_usage","t":1.5,"provider":"glm"}"#, "a log of metrics"),
    (#"{"schema":"convoy.report/1","pipeline":{}}"#, "a report of convoy's"),
    (
      #"{"file":"a","line":1,"byteOffset":0,"stage":"extract","rule":"json.syntax","kind":"session"}"#,
      "rejects of convoy's, for convoy rejects retry"
    ),
  ])
  func `what is no conversation is named, and never taken for one`(text: String, reason: String) {
    let found = Self.found(text)
    #expect(found.finding == .other)
    #expect(found.confidence == .certain)
    #expect(found.reason == reason)
  }

  @Test(arguments: [
    ("SQLite format 3\0…CREATE TABLE files (absolute_path TEXT, checksum TEXT)", "a file registry"),
    ("SQLite format 3\0…CREATE TABLE cache_entries (cache_key TEXT)", "a download cache"),
    ("id,name,path,absolute_path,checksum\r\n1,n,p,a,c\r\n", "a file registry"),
    ("path,continuation_id\na,b\n", "a manifest of files"),
    ("{\n  \"registry_path\": \"r\",\n  \"files\": [\n", "a file registry"),
    (#"[{"path":"a","absolute_path":"/a","checksum":""}]"#, "a file registry"),
    (#"{"items":{}}"#, "a file cache"),
    (#"{"items":{"ab":{"kimi":{"file_id":"f","ts":1.5}}}}"#, "a file cache"),
    (#"[{"filename":"a","file_id":"f","size_bytes":1}]"#, "files that were uploaded to providers"),
    (#"{"internal_id":"i","provider_id":"p","file_hash":"h"}"#, "references to files of providers"),
    (#"{"path":"a","tags":[]}"#, "a manifest of files"),
  ])
  func `what is about files is named, and told where it is of use`(text: String, name: String) {
    let found = Self.found(text)
    #expect(found.finding == .other)
    #expect(found.confidence == .certain)
    #expect(found.reason == "\(name), for files.manifest of a pipeline that stores files")
  }

  @Test func `another database is one, and nothing more is said of it`() {
    let found = Self.found("SQLite format 3\0…CREATE TABLE t (checksum)")
    #expect(found.finding == .other)
    #expect(found.confidence == .likely)
    #expect(found.reason == "an SQLite database")
  }

  @Test func `a few damaged records leave it likely, and more than half leave it unsaid`() {
    let most = Self.found([Self.thread, "cut off", Self.thread].joined(separator: "\n"))
    #expect(most.finding == .conversations(.threads))
    #expect(most.confidence == .likely)
    #expect(most.reason == "thread documents with turns in 2 of the first 3 records")
    let few = Self.found([Self.thread, #"{"a":1}"#, #"{"a":2}"#].joined(separator: "\n"))
    #expect(few.finding == .other)
    #expect(few.reason == "of the first 3 records 1 of threads")
  }

  @Test func `a file with records of two dialects is none of either`() {
    let found = Self.found([Self.thread, Self.chat].joined(separator: "\n"))
    #expect(found.finding == .other)
    #expect(found.confidence == .likely)
    #expect(found.reason == "of the first 2 records 1 of threads, 1 of openai-chat")
  }

  @Test func `lines of a chat history need a name that can be a conversation's id`() {
    #expect(Self.found(Self.line, "x/kettle.jsonl.gz").dialect == .chatHistory)
    let found = Self.found(Self.line, "x/kettle.txt")
    #expect(found.finding == .other)
    #expect(found.confidence == .likely)
  }

  @Test func `a record longer than what is read is told by its beginning`() {
    let long = String(repeating: "x", count: 70_000)
    let turns = #"{"thread_id":"t","turns":[{"role":"user","content":"\#(long)"#
    let sure = Self.found(String(turns.prefix(65_536)), isAll: false)
    #expect(sure.finding == .conversations(.threads))
    #expect(sure.confidence == .certain)
    let request =
      #"{"thread_id":"t","created_at":"a","last_updated_at":"b","initial_context":{"prompt":"\#(long)"#
    let likely = Self.found(String(request.prefix(65_536)), isAll: false)
    #expect(likely.finding == .conversations(.threads))
    #expect(likely.confidence == .likely)
  }

  @Test func `gzip and UTF-16 are looked into, and only the first 64 KiB`() throws {
    try ScratchFiles.with { files in
      let wide: [UInt8] =
        [0xFF, 0xFE]
        + Self.thread.utf16.flatMap {
          [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)]
        }
      let wideFile = try files.write("w.json", wide)
      #expect(Detection(of: wideFile).dialect == .threads)
      let later = Self.thread + "\n" + String(repeating: "{}\n", count: 5) + "\n"
      let blank = String(repeating: " ", count: Detection.headBytes) + later
      let blankFile = try files.write("b.json", blank)
      #expect(Detection(of: blankFile).reason == "nothing but white space at its beginning")
      let gone = Detection(of: files.path + "/gone.json")
      #expect(gone.finding == .unreadable)
      #expect(gone.reason.contains("No such file"))
    }
  }

  @Test(arguments: [
    #"{"a"#, #"{"a":"#, "[", "{", "[{\"role\"", "{]", "[[[[[[[[[[[[", "\"a\\",
  ])
  func `what ends anywhere is looked at without harm`(text: String) {
    for isAll in [true, false] {
      #expect(Self.found(text, isAll: isAll).finding == .other)
    }
  }
}
