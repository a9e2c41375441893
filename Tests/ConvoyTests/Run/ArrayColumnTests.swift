internal import Pipeline
internal import TestSupport
internal import Testing

/// Lists of a turn in columns of their own.
@Suite struct ArrayColumnTests {
  private static let turns = [
    #"{"role":"user","content":"0","files":["a","b c","{d,\"e\"}",""],"images":["i"]}"#,
    #"{"role":"user","content":"1","files":[],"images":[]}"#,
    #"{"role":"user","content":"2","files":[null,"null",7,-0.50,true,[1,[2]],{"k":"v"}],"images":{"k":"v"}}"#,
    #"{"role":"user","content":"3","files":"alone","images":"alone"}"#,
    #"{"role":"user","content":"4","files":null}"#,
  ]
  private static let thread =
    #"{"thread_id":"t","turns":[\#(turns.joined(separator: ","))]}"#

  private static let rows = """
    SELECT files::text, images::text, metadata->>'files', metadata->>'images' FROM exai_messages
    ORDER BY content
    """

  @Test func `lists go to array and jsonb columns and leave metadata`() async throws {
    try await RunScene.with { scene in
      try scene.execute(
        "ALTER TABLE exai_messages ADD files text[] DEFAULT '{none}', ADD images jsonb")
      try scene.directory.write("t.jsonl", Self.thread)
      let report = try await scene.run("threads", ["t.jsonl"]).expect()
      let expected: [[String?]] = [
        [#"{a,"b c","{d,\"e\"}",""}"#, #"["i"]"#, nil, nil],
        ["{}", "[]", nil, nil],
        [#"{NULL,"null",7,-0.50,true,"[1,[2]]","{\"k\":\"v\"}"}"#, #"{"k": "v"}"#, nil, nil],
        ["{none}", #""alone""#, "alone", nil],
        ["{none}", nil, nil, nil],
      ]
      #expect(try scene.rows(Self.rows) == expected)
      #expect(report.found["value.range"] == 1)
      #expect(
        try scene.rows(
          "SELECT array_ndims(files), array_lower(files, 1), cardinality(files) FROM exai_messages WHERE content < '2' ORDER BY content"
        ) == [["1", "1", "4"], [nil, nil, "0"]])
      // By way of the merge as well.
      try scene.execute("DELETE FROM exai_messages WHERE content <> '4'")
      try await scene.run("threads", ["t.jsonl"], options: ["--restart"]).expect()
      #expect(try scene.rows(Self.rows) == expected)
    }
  }

  @Test func `an array of varchar takes what fits and refuses a longer text`() async throws {
    try await RunScene.with { scene in
      try scene.execute("ALTER TABLE exai_messages ADD files varchar(5)[], ADD images text[]")
      try scene.directory.write("t.jsonl", Self.thread)
      let run = try await scene.run("threads", ["t.jsonl"])
      #expect(try run.expect(3).total.messages == .of(inserted: 3, rejected: 2))
      #expect(try run.rejects.map(\.text) == [Self.turns[0], Self.turns[2]])
      #expect(try run.rejects.map(\.sqlstate) == ["22001", "22001"])
      #expect(
        try scene.rows(Self.rows) == [
          ["{}", "{}", nil, nil], [nil, nil, "alone", "alone"], [nil, nil, nil, nil],
        ])
    }
  }

  @Test func `columns of other types leave the lists in metadata, and ids are the same`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", Self.thread)
      try await scene.run("threads", ["t.jsonl"]).expect()
      let ids = try scene.rows("SELECT id FROM exai_messages ORDER BY content")
      let metadata = try scene.rows("SELECT metadata FROM exai_messages ORDER BY content")
      #expect(
        try scene.rows(
          "SELECT metadata->>'files', metadata->>'images' FROM exai_messages ORDER BY content") == [
            [#"["a", "b c", "{d,\"e\"}", ""]"#, #"["i"]"#], ["[]", "[]"],
            [#"[null, "null", 7, -0.50, true, [1, [2]], {"k": "v"}]"#, #"{"k": "v"}"#],
            ["alone", "alone"], [nil, nil],
          ])
      for types in [
        "ADD files int[], ADD images bytea", "DROP files, DROP images, ADD files text[]",
      ] {
        try scene.execute("ALTER TABLE exai_messages \(types); DELETE FROM exai_messages")
        try await scene.run("threads", ["t.jsonl"], options: ["--restart"]).expect()
        #expect(try scene.rows("SELECT id FROM exai_messages ORDER BY content") == ids)
        if types.contains("int[]") {
          #expect(try scene.rows("SELECT metadata FROM exai_messages ORDER BY content") == metadata)
        }
      }
    }
  }
}
