import Testing

@testable import Pipeline

struct ThreadDocumentTests {
  /// Maps each document of a record as a worker does, those that are text on a tape of their own.
  private func mapped(_ record: String) throws -> [MappedRecord] {
    let tape = try parsed(record)
    let rendering = try DraftRendering()
    let threads = ThreadDocument(text: .replace)
    var records: [MappedRecord] = []
    for found in threads.documents(tape.root, of: tape) {
      var draft = RecordDraft()
      switch found.document {
      case .value(let value):
        threads.map(value, found: found, of: tape, into: &draft)
        records.append(rendering.record(draft, tape))
      case .text(let text):
        let inner = try parsed(text)
        threads.map(inner.root, found: found, of: inner, into: &draft)
        records.append(rendering.record(draft, inner))
      }
    }
    return records
  }

  @Test func `a document of the latest generation is mapped whole`() throws {
    let records = try mapped(
      #"""
      {"thread_id":"5b1d","parent_thread_id":"4a0c","created_at":"2025-10-16T05:25:49.699107+00:00",
       "last_updated_at":"2025-10-16T05:26:01+00:00","tool_name":"chat","session_fingerprint":"fp",
       "client_friendly_name":"Claude","initial_context":{"prompt":"hi","files":["C:\\a.py"]},
       "turns":[{"role":"assistant","content":"hello","timestamp":"2025-10-16T05:25:49+00:00","files":["/a"],
       "images":["data:image/png;base64,AA=="],"tool_name":"chat","model_provider":"google","model_name":"flash",
       "model_metadata":{"usage":{"input_tokens":3,"output_tokens":4},"response_time_ms":12.5,"cost":0.1}}]}
      """#)
    #expect(
      records == [
        MappedRecord(
          key: "5b1d", continuationId: "5b1d", created: "2025-10-16T05:25:49.699107+00:00",
          updated: "2025-10-16T05:26:01+00:00",
          metadata:
            #"{"parent_continuation_id":"4a0c","tool_name":"chat","session_fingerprint":"fp","client_friendly_name":"Claude","initial_context":{"prompt":"hi","files":["C:\\a.py"]}}"#,
          rows: [
            MappedRow(
              number: "0", role: "assistant", content: "hello", time: "2025-10-16T05:25:49+00:00",
              tool: "chat", tokensIn: "3", tokensOut: "4", cost: "0.1", latency: "12.5",
              model: "flash",
              provider: "google",
              metadata:
                #"{"files":["/a"],"images":["data:image/png;base64,AA=="],"model_metadata":{"usage":{"input_tokens":3,"output_tokens":4},"response_time_ms":12.5,"cost":0.1}}"#
            )
          ])
      ])
  }

  @Test func `a document of the first generation is mapped whole`() throws {
    let records = try mapped(
      #"{"thread_id":"a","created_at":"x","last_updated_at":"y","tool_name":"chat","initial_context":{},"turns":[{"role":"user","content":"q","timestamp":"t","follow_up_question":"more?","files":null}]}"#
    )
    #expect(records.count == 1)
    #expect(
      records.first?.rows == [
        MappedRow(
          number: "0", role: "user", content: "q", time: "t",
          metadata: #"{"follow_up_question":"more?"}"#)
      ])
  }

  @Test(arguments: [
    "{5B1D4A0C-0000-4000-8000-000000000000}", "urn:uuid:5b1d4a0c-0000-4000-8000-000000000000",
    "5B1D4A0C-0000-4000-8000-000000000000", "5b1d4a0c00004000800000000000000 0", "thread:x",
    "ctx-1",
  ])
  func `an id keeps its text`(id: String) throws {
    let records = try mapped(#"{"thread_id":"\#(id)","turns":[]}"#)
    #expect(records.map(\.key) == [id])
    #expect(records.map(\.continuationId) == [id])
    #expect(records.map(\.refusal) == [nil])
  }

  @Test(arguments: [
    (
      #"{"key":"thread:a","ttl":86391,"value":{"thread_id":"a","turns":[]}}"#,
      #"{"legacy":{"ttl":86391}}"#
    ),
    (
      #"{"key":"thread:a","TTL":-1,"value":"{\"thread_id\":\"a\",\"turns\":[]}"}"#,
      #"{"legacy":{"ttl":-1}}"#
    ),
    (#"{"key":"thread:a","value":{"turns":[]}}"#, "{}"),
    (#"{"thread:a":{"turns":[]}}"#, "{}"),
    (#"{"thread:a":"{\"thread_id\":\"a\",\"turns\":[]}"}"#, "{}"),
    (
      #"{"db":0,"type":"string","key":"thread:a","ttl":5,"value":{"thread_id":"a","turns":[]}}"#,
      #"{"legacy":{"ttl":5,"dump":{"db":0,"type":"string"}}}"#
    ),
    (
      #"{"db":0,"key":"thread:a","ttl":1,"TTL":2,"value":"{\"thread_id\":\"a\",\"turns\":[]}"}"#,
      #"{"legacy":{"ttl":1,"dump":{"db":0,"TTL":2}}}"#
    ),
    (
      #"{"key":"thread:{A}","value":{"thread_id":"a","turns":[]}}"#,
      #"{"legacy":{"key":"thread:{A}"}}"#
    ),
    (
      #"{"thread:urn:uuid:a":{"thread_id":"a","turns":[]}}"#,
      #"{"legacy":{"key":"thread:urn:uuid:a"}}"#
    ),
    (#"{"key":"a","value":{"thread_id":"a","turns":[]}}"#, "{}"),
    (
      #"{"key":"thread:a","ttl":"\ud83d\u0000","value":{"thread_id":"a","turns":[]}}"#,
      "{\"legacy\":{\"ttl\":\"\u{FFFD}\u{FFFD}\"}}"
    ),
  ])
  func `a dump's line keeps everything that stands beside its document`(
    record: String, metadata: String
  ) throws {
    let records = try mapped(record)
    #expect(records.map(\.key) == ["a"])
    #expect(records.map(\.refusal) == [nil])
    #expect(records.map(\.metadata) == [metadata])
  }

  @Test func `an object of threads holds each of them`() throws {
    let records = try mapped(
      #"{"thread:a":{"turns":[]},"thread:b":"{\"thread_id\":\"b\",\"turns\":[{\"role\":\"user\"}]}"}"#
    )
    #expect(records.map(\.key) == ["a", "b"])
    #expect(records.map(\.rows.count) == [0, 1])
  }

  @Test(arguments: [
    "[]", "1", #""thread:a""#, "{}", #"{"key":"a"}"#, #"{"key":1,"value":{}}"#,
    #"{"a":{"turns":[]}}"#,
    #"{"thread:a":1}"#, #"{"key":"thread:a","value":null}"#,
  ])
  func `other records hold no document`(record: String) throws {
    #expect(try mapped(record) == [])
  }

  @Test(arguments: [
    (#"{"thread_id":"a"}"#, "the thread has no turns"),
    (#"{"thread_id":"a","turns":null}"#, "the thread has no turns"),
    (#"{"thread_id":"a","turns":{}}"#, "turns is not an array"),
    (#"{"turns":[]}"#, "the thread has no thread_id"),
    (#"{"thread_id":null,"turns":[]}"#, "the thread has no thread_id"),
    (#"{"thread_id":7,"turns":[]}"#, "thread_id is not text"),
    (#"{"thread_id":" ","turns":[]}"#, "thread_id is empty"),
  ])
  func `a document without what makes it one is refused`(record: String, refusal: String) throws {
    #expect(try mapped(record).map(\.refusal) == [refusal])
  }

  @Test func `unknown and repeated fields are kept below legacy`() throws {
    let records = try mapped(
      #"{"thread_id":"x","thread_id":"a","title":"T","status":null,"turns":[{"role":"user","role":"assistant","content":"c","tokens":5}],"status":1}"#
    )
    #expect(records.map(\.key) == ["a"])
    #expect(records.map(\.title) == ["T"])
    #expect(
      records.map(\.metadata) == [#"{"legacy":{"thread_id":"x","status~1":null,"status":1}}"#])
    #expect(records.first?.rows.map(\.role) == ["assistant"])
    #expect(records.first?.rows.map(\.metadata) == [#"{"legacy":{"role":"user","tokens":5}}"#])
  }

  @Test func `a turn that is no object is a refused message among the others`() throws {
    let records = try mapped(#"{"thread_id":"a","turns":[1,{"role":"user","content":"c"},null]}"#)
    #expect(records.first?.rows.map(\.refusal) == [.recordShape, nil, .recordShape])
    #expect(records.first?.rows.map(\.number) == ["0", "1", "2"])
  }

  @Test(
    arguments: [
      (#"{"usage":{"prompt_tokens":1,"completion_tokens":2}}"#, "1", "2"),
      (#"{"token_usage":{"tokens_in":1,"tokens_out":2}}"#, "1", "2"),
      (#"{"model_metadata":{"usage":{"input_tokens":1,"output_tokens":2}}}"#, "1", "2"),
      (#"{"usage":{"total_tokens":3}}"#, nil, nil), (#"{"usage":7}"#, nil, nil), ("[]", nil, nil),
    ] as [(String, String?, String?)])
  func `tokens are found in each of the spellings`(
    metadata: String, tokensIn: String?, out: String?
  ) throws {
    let records = try mapped(
      #"{"thread_id":"a","turns":[{"role":"user","content":"c","model_metadata":\#(metadata)}]}"#)
    #expect(records.first?.rows.map(\.tokensIn) == [tokensIn])
    #expect(records.first?.rows.map(\.tokensOut) == [out])
    #expect(records.first?.rows.map(\.metadata) == [#"{"model_metadata":\#(metadata)}"#])
  }

  @Test func `a turn's own model and provider win over its metadata's, wherever they stand`() throws
  {
    let metadata = #""model_metadata":{"model_used":"m","provider_used":"p"}"#
    let named = #""model_name":"n","model_provider":"q""#
    for fields in ["\(metadata),\(named)", "\(named),\(metadata)"] {
      let records = try mapped(#"{"thread_id":"a","turns":[{\#(fields)}]}"#)
      #expect(records.first?.rows.map(\.model) == ["n"])
      #expect(records.first?.rows.map(\.provider) == ["q"])
    }
    let records = try mapped(#"{"thread_id":"a","turns":[{"model_name":null,\#(metadata)}]}"#)
    #expect(records.first?.rows.map(\.model) == ["m"])
    #expect(records.first?.rows.map(\.provider) == ["p"])
  }
}
