@testable internal import Pipeline

/// What makes a rule speak.
enum RuleFixture {
  /// A run without a target over these inputs.
  case offline(RuleScene)
  /// A load into a target, in which a statement is executed before.
  case load(RuleScene, before: String)
  /// A dry run with a target in which statements are executed before.
  case dryRun(RuleScene, before: String)
  /// A run that stores files of `up`, by their paths below it, with YAML in section `files`; and statements that
  /// are executed before a second one.
  case files([String: String], yaml: String = "", between: String = "")
  /// A load of the table that statements make of `(id, direction, text, embedding, meta)`, a minute apart.
  case table(rows: String, yaml: String = "")
  /// Another try of the rejects of a load, whose file is changed in between.
  case retry(RuleScene, change: @Sendable (String) -> String)
  /// Something that no test can bring about by an input, such as a record of gigabytes.
  case refusal(Refusal)
}

extension Rule {
  /// Something of our own making that breaks the rule; a rule that is added needs one.
  var fixture: RuleFixture {
    switch self {
    case .fileTooLarge: .refusal(Refusal(rule: .fileTooLarge, message: ""))
    case .fileChanged: .refusal(Refusal(rule: .fileChanged, message: ""))
    case .fileUnreadable: .refusal(Refusal(rule: .fileUnreadable, message: ""))
    case .fileRefused: .refusal(Refusal(rule: .fileRefused, message: ""))
    case .fileUnnamed: .refusal(Refusal(rule: .fileUnnamed, message: ""))
    case .fileOutside:
      .files(["a": "a", "../m.jsonl": #"{"path": "../b"}"#], yaml: "manifest: {directory}/m.jsonl")
    case .manifestUnmatched:
      .files(["a": "a", "../m.jsonl": #"{"path": "b"}"#], yaml: "manifest: {directory}/m.jsonl")
    case .fileRecordDiffers:
      .files(
        ["a": "a", "../m.json": #"[{"path":"a","checksum":"","size":2}]"#],
        yaml: "manifest: {directory}/m.json")
    case .uploadUnmatched:
      .files(
        ["a": "a", "../m.json": #"[{"file_id":"f","filename":"b"}]"#],
        yaml: "manifest: {directory}/m.json")
    case .hashInvalid:
      .files(
        ["a": "a", "../m.json": #"{"items":{"sha256":{"kimi":{"file_id":"f"}}}}"#],
        yaml: "manifest: {directory}/m.json")
    case .cacheUnlisted: .refusal(Refusal(rule: .cacheUnlisted, message: ""))
    case .fileSessionMissing:
      .files(["s/a": "a"], yaml: "link: \"{continuation_id}/*\"")
    case .fileObjectMissing:
      .files(["a": "a"], between: "UPDATE files SET storage_path = 'unlinked/gone'")
    case .fileNotRegular: .files(["a": "a", "link -> a": ""])
    case .fileUnlinked: .files(["a": "a"])
    case .fileExcluded: .files([".env": "a"])
    case .jsonBackslashes:
      .offline(.dump(#"('1', 'c', 'user', 'a', '{"a": "b\\"c"}')"#))
    case .contentMerged:
      .offline(.dump("('1', 'c', 'user', 'a', NULL), ('1', 'c', 'user', 'a', NULL)"))
    case .conversationMissing: .offline(.dump("('1', 'c', 'user', 'a', NULL)"))
    case .tableSkipped:
      .offline(.dump("('1', 'c', 'user', 'a', NULL); INSERT INTO users (id) VALUES (1)"))
    case .payloadUnreadable: .offline(.bus(payload: #""KLUv""#, "'zstd', NULL"))
    case .payloadDiffers: .offline(.bus(payload: "{}", "'none', '00'"))
    case .fileAbsent: .load(.fileRow("'gone', NULL"), before: "SELECT 1")
    case .fileDiffers: .load(.fileRow("'there', '2'"), before: "SELECT 1")
    case .statementSkipped: .offline(.dump("('1', 'c', 'user', 'a', NULL); SET x = 1"))
    case .tableCase:
      .offline(
        RuleScene(
          .messagesDump,
          files: [
            "a.sql": """
            INSERT INTO "Messages" (id, conversation_id, role, content) VALUES ('1', 'c', 'user', 'a');
            """
          ]))
    case .statementUnread: .offline(.dump("('1', 'c', 'user', 'a', NULL); COPY messages FROM 'x'"))
    case .jsonSyntax: .offline(RuleScene(files: ["a.jsonl": "{\"thread_id\" 1}\n"]))
    case .jsonTruncated: .offline(RuleScene(files: ["a.jsonl": #"{"thread_id":"a","turns":["#]))
    case .jsonDepth:
      .offline(
        RuleScene(files: ["a.jsonl": String(repeating: "[", count: 600) + "\n"]))
    case .jsonDuplicateKey: .offline(RuleScene(turns: [], fields: #","a":1,"a":2"#))
    case .jsonControlCharacter:
      .offline(RuleScene(turns: [RuleScene.turn("user", "a\u{1}b")]))
    case .jsonNumber: .offline(RuleScene(turns: [], fields: ",\"a\":1e999999"))
    case .recordShape: .offline(RuleScene(files: ["a.jsonl": "{\"a\":1}\n"]))
    case .recordTooLarge: .refusal(RecordParser.refusal(.memory))
    case .textRefused:
      .offline(
        RuleScene(turns: [RuleScene.turn("user", "a\\u0000")], yaml: "transform: {text: reject}"))
    case .textReplaced: .offline(RuleScene(turns: [RuleScene.turn("user", "a\\u0000")]))
    case .textMarked:
      .offline(
        RuleScene(turns: [RuleScene.turn("user", "a\\u0000")], yaml: "transform: {text: mark}"))
    case .roleMissing: .offline(RuleScene(turns: [#"{"content":"a"}"#]))
    case .roleUnknown: .offline(RuleScene(turns: [RuleScene.turn("moderator", "a")]))
    case .roleMapped: .offline(RuleScene(turns: [RuleScene.turn("tool", "a")]))
    case .contentMissing: .offline(RuleScene(turns: [#"{"role":"user","content":null}"#]))
    case .timeMissing: .offline(RuleScene(turns: [#"{"role":"user","content":"a"}"#]))
    case .timeInvalid:
      .offline(RuleScene(turns: [#"{"role":"user","content":"a","timestamp":"noon"}"#]))
    case .timeNaive:
      .offline(
        RuleScene(turns: [#"{"role":"user","content":"a","timestamp":"2025-10-01T10:00:00"}"#]))
    case .timeZoneChange:
      .offline(
        RuleScene(
          turns: [#"{"role":"user","content":"a","timestamp":"2025-10-05T02:30:00"}"#],
          yaml: "transform: {timeZone: Australia/Melbourne}"))
    case .timeRange:
      .offline(
        RuleScene(turns: [#"{"role":"user","content":"a","timestamp":"1970-01-01T00:00:00Z"}"#]))
    case .timeTie:
      .offline(RuleScene(turns: [RuleScene.turn("user", "a"), RuleScene.turn("assistant", "b")]))
    case .timeBackward:
      .offline(
        RuleScene(turns: [
          RuleScene.turn("user", "a", at: 60), RuleScene.turn("assistant", "b"),
        ]))
    case .toolResultOrphan:
      .offline(
        RuleScene(
          .openAIChat,
          files: [
            "a.jsonl":
              #"{"messages":[{"role":"tool","tool_call_id":"c","content":"a"}]}"# + "\n"
          ]))
    case .toolCallUnanswered: .offline(RuleScene(.openAIChat, files: ["a.jsonl": Self.openCall]))
    case .valueRange:
      .offline(
        RuleScene(turns: [
          RuleScene.turn(
            "assistant", "a", #","model_metadata":{"usage":{"input_tokens":9999999999}}"#)
        ]))
    case .fieldDropped:
      .offline(
        RuleScene(
          turns: [RuleScene.turn("user", "a", #","mood":"fine""#)],
          yaml: "transform: {metadata: {unmapped: drop}}"))
    case .keyTooLong:
      .offline(
        RuleScene(files: [
          "a.jsonl": RuleScene.thread(String(repeating: "k", count: 3_000), [])
        ]))
    case .sessionEmpty: .offline(RuleScene(turns: []))
    case .sessionJoined:
      .load(
        RuleScene(turns: [RuleScene.turn("user", "a")]),
        before: """
          INSERT INTO exai_sessions (id, user_id, continuation_id)
          VALUES (gen_random_uuid(), 'u', 't-1')
          """)
    case .sessionOtherSource:
      .load(RuleScene(turns: [RuleScene.turn("user", "a")]), before: Self.storing(["a"]))
    case .copyLeftOut:
      .load(
        RuleScene(turns: [RuleScene.turn("user", "a", #","model_name":"m""#)]),
        before: Self.storing(["a"]))
    case .timeBetween:
      .load(
        RuleScene(turns: [
          RuleScene.turn("user", "a"), RuleScene.turn("user", "b", at: 1),
          RuleScene.turn("user", "c", at: 2),
        ]), before: Self.storing(["a", "c"]))
    case .rowRefused:
      .load(
        RuleScene(turns: [RuleScene.turn("user", "a")]),
        before: "ALTER TABLE exai_messages ADD CONSTRAINT no_a CHECK (content <> 'a')")
    case .targetUnasked:
      .dryRun(
        RuleScene(turns: [RuleScene.turn("user", "a")]),
        before: """
          CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM FROM public.exai_messages; RETURN NEW;
          END $$;
          CREATE TRIGGER look BEFORE INSERT ON exai_messages FOR EACH ROW EXECUTE FUNCTION look()
          """)
    case .sessionRejected:
      .offline(RuleScene(.chatHistory, files: ["a.jsonl": "{\"role\":\"nobody\"}\n"]))
    case .inputEmpty: .offline(RuleScene(files: ["a.jsonl": "\n"]))
    case .inputUnreadable: .offline(.cutGzip)
    case .rejectDamaged:
      .retry(RuleScene(files: ["a.jsonl": "no\n"])) { $0 + "{\"file\":\n" }
    case .rejectKept:
      .retry(RuleScene(files: ["a.jsonl": "no\n"])) { lines in
        lines.replacing(#/,"origin":\{[^}]*\}/#, with: "")
      }
    case .turnUserTwice:
      .offline(
        RuleScene(turns: [RuleScene.turn("user", "a"), RuleScene.turn("user", "b", at: 1)]))
    case .turnAssistantFirst: .offline(RuleScene(turns: [RuleScene.turn("assistant", "a")]))
    case .turnImbalance:
      .offline(
        RuleScene(turns: [
          RuleScene.turn("user", "a"), RuleScene.turn("assistant", "b", at: 1),
          RuleScene.turn("assistant", "c", at: 2), RuleScene.turn("assistant", "d", at: 3),
        ]))
    case .timeFuture:
      .offline(
        RuleScene(
          turns: [#"{"role":"user","content":"a","timestamp":"2100-01-01T00:00:00Z"}"#],
          yaml: "transform: {latest: 2200-01-01}"))
    case .timeZoneShift:
      .offline(
        RuleScene(turns: [
          RuleScene.turn("user", "a", at: 39_600), RuleScene.turn("assistant", "b", at: 20),
        ]))
    case .idRepeated:
      .offline(
        RuleScene(files: [
          "a.jsonl": RuleScene.thread("t-1", []), "b.jsonl": RuleScene.thread("t-1", []),
        ]))
    case .idCollision:
      .offline(
        RuleScene(files: [
          "a.jsonl": RuleScene.thread("thread:0B1D-2", []) + RuleScene.thread("{0b1d-2}", [])
        ]))
    case .contentEmpty: .offline(RuleScene(turns: [RuleScene.turn("user", " \\n")]))
    case .contentTwoWriters:
      .offline(
        RuleScene(turns: [
          RuleScene.turn("user", "a"), RuleScene.turn("assistant", "b", at: 1),
          RuleScene.turn("assistant", "b", at: 2),
        ]))
    case .contentRepeated:
      .offline(
        RuleScene(files: [
          "a.jsonl": RuleScene.thread("t-1", [RuleScene.turn("user", Self.paragraph)])
            + RuleScene.thread("t-2", [RuleScene.turn("user", Self.paragraph)])
        ]))
    case .contentTruncated:
      .offline(RuleScene(turns: [RuleScene.turn("user", "One, two, … [truncated 900 chars]")]))
    case .contentHistory:
      .offline(
        RuleScene(turns: [
          RuleScene.turn(
            "user",
            #"=== CONVERSATION HISTORY (CONTINUATION) ===\n--- Turn 1 (User) ---\na\n"#
              + #"=== END CONVERSATION HISTORY ===\n\n=== NEW USER INPUT ===\nb"#)
        ]))
    case .contentHistoryStripped:
      .offline(
        RuleScene(
          turns: [RuleScene.turn("user", HistoryPrompt(said: "b").json)],
          yaml: "transform: {historyBlocks: strip}"))
    case .parentMissing: .offline(RuleScene(turns: [], fields: #","parent_thread_id":"t-0""#))
    case .parentSelf: .offline(RuleScene(turns: [], fields: #","parent_thread_id":"T-1""#))
    case .parentCycle:
      .offline(
        RuleScene(files: [
          "a.jsonl": RuleScene.thread("t-1", [], #","parent_thread_id":"t-2""#)
            + RuleScene.thread("t-2", [], #","parent_thread_id":"t-1""#)
        ]))
    case .tokensOutlier: .offline(RuleScene(answering: #""usage":{"input_tokens":3000000}"#))
    case .costOutlier: .offline(RuleScene(answering: #""cost_usd":101,"usage":{"tokens_in":1}"#))
    case .costWithoutTokens: .offline(RuleScene(answering: #""cost_usd":0.5"#))
    case .valueNegative: .offline(RuleScene(answering: #""usage":{"output_tokens":-3}"#))
    case .valuePlaceholder:
      .offline(RuleScene(turns: [RuleScene.turn("user", "a", #","model_name":"string""#)]))
    case .fileMissing:
      .offline(
        RuleScene(
          turns: [RuleScene.turn("user", "a", #","files":["/home/ada/gone.py"]"#)],
          yaml: "validate: {fileRoots: [\"{directory}\"]}"))
    case .secretFound:
      .offline(RuleScene(turns: [RuleScene.turn("user", "use \(SecretSamples.key)")]))
    case .secretRedacted:
      .offline(
        RuleScene(
          turns: [RuleScene.turn("user", "use \(SecretSamples.key)")],
          yaml: "transform: {redact: true}"))
    case .sessionUsers:
      .table(
        rows:
          #"(1, 'user', 'a', NULL, '{"thread_id": "t"}'), (2, 'user', 'b', NULL, '{"thread_id": "t"}')"#
      )
    case .contentCodepage:
      .offline(RuleScene(turns: [RuleScene.turn("user", "a cafÃ©")]))
    case .embeddingDropped: .table(rows: "(1, 'user', 'a', '[1]', NULL)")
    case .embeddingUnreadable:
      .table(rows: "(1, 'user', 'a', '[1,]', NULL)", yaml: "transform: {embeddings: metadata}")
    case .titleMissing: .offline(RuleScene(turns: [RuleScene.turn("assistant", "a")]))
    }
  }

  /// A text of more than the least length that is looked for elsewhere.
  private static var paragraph: String {
    String(repeating: "The kettle sings before it boils. ", count: 10)
  }

  private static var openCall: String {
    #"{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":null,"#
      + #""tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"}}]}]}"# + "\n"
  }
}
