import Testing

@testable import Pipeline

struct DumpReaderTests {
  private static let insert =
    "INSERT INTO messages (id, conversation_id, role, content) VALUES "

  /// The last value of rows whose others are 1, 2 and 3.
  private static func contents(_ values: String...) throws -> [String?] {
    let rows = values.map { "(1, 2, 3, \($0))" }.joined(separator: ",")
    let reading = try DumpReading(insert + rows + ";")
    #expect(reading.damage == nil)
    return reading.rows.map { $0[3] }
  }

  @Test func `texts are read as the server reads them`() throws {
    #expect(
      try Self.contents(
        "'it''s'", "''", "''''", "'a\nb'", "'a\\nb'", "'),(; -- /*'", "'\u{E4}\u{1F426}'")
        == ["it's", "", "'", "a\nb", "a\\nb", "),(; -- /*", "\u{E4}\u{1F426}"])
    #expect(
      try Self.contents(
        #"E'a\nb\t\\c\'d''e'"#, #"e'\x41\101\u00e4\U0001F426\q'"#, #"E'\uD83D\uDC26'"#,
        #"E'\\'"#)
        == ["a\nb\t\\c'd'e", "AA\u{E4}\u{1F426}q", "\u{1F426}", "\\"])
    #expect(
      try Self.contents("$$it's; $1$$", "$a$ $$ $b$ $a$", "$$$$") == [
        "it's; $1", " $$ $b$ ", "",
      ])
  }

  @Test func `casts are no part of values, and what is to be computed is no value`() throws {
    #expect(
      try Self.contents(
        "'{}'::jsonb", "'a'::public.\"Odd, name\"", "1.5::numeric(10,6)", "NULL::text", "null",
        "DEFAULT", "'x'::text::character varying(10)", "'{a}'::text[]")
        == ["{}", "a", "1.5", nil, nil, nil, "x", "{a}"])
    #expect(
      try Self.contents("-12", "+0.5e-3", "true", "FALSE") == ["-12", "+0.5e-3", "true", "FALSE"])
    #expect(
      try Self.contents("now()", "'a' || 'b'", "ARRAY['x,)', 'y']", "(1)", "CAST('a' AS text)")
        == [
          "expression: now()", "expression: 'a' || 'b'", "expression: ARRAY['x,)', 'y']",
          "expression: (1)", "expression: CAST('a' AS text)",
        ])
  }

  @Test func `comments may stand anywhere and nest`() throws {
    let reading = try DumpReading(
      """
      -- a 'comment'; with a quote
      /* outer /* INSERT INTO messages */ still ' outer */
      INSERT /**/ INTO messages -- here
        (id, conversation_id, /* , */ role, content)
      VALUES /* x */ ( '1' , '2' -- )
        , '3', '4' /* ' */ ) ;
      -- the end
      """)
    #expect(reading.rows == [["1", "2", "3", "4"]])
    #expect(reading.damage == nil)
  }

  @Test func `what follows the rows of a list is told of where it may bring more of them`() throws {
    let reading = try DumpReading(
      "\(Self.insert)(1, 2, 'user', 'a') UNION ALL SELECT * FROM old;\n"
        + "\(Self.insert)(3, 4, 'user', 'b')\n\(Self.insert)(5, 6, 'user', 'lost');\n"
        + "\(Self.insert)(7, 8, 'user', 'c') AS n ON DUPLICATE KEY UPDATE content = 'x';")
    #expect(reading.rows.map { $0[0] } == ["1", "3", "7"])
    #expect(
      reading.unread == [
        "INSERT … VALUES … UNION into messages, line 1",
        "INSERT … VALUES … INSERT into messages, line 3",
      ])
  }

  @Test func `a comment ends where its line does, with whatever that ends`() throws {
    for end in ["\n", "\r\n", "\r"] {
      let reading = try DumpReading(
        ["-- a", "\(Self.insert)(1, -- b", "2, 'user', 'c -- d');", "-- e"].joined(separator: end))
      #expect(reading.rows == [["1", "2", "user", "c -- d"]])
      #expect(reading.damage == nil)
    }
  }

  @Test func `names are folded, qualified or quoted, and columns come in any order`() throws {
    let reading = try DumpReading(
      """
      INSERT INTO Public.MESSAGES (Content, "role", ID, conversation_id) VALUES ('a', 'user', 1, 2);
      insert into "any ""schema"".x"."messages" ("id","conversation_id","role","content") values (3, 4, 'user', 'b'), (5, 6, 'user', 'c')
        ON CONFLICT (id) DO UPDATE SET content = 'x;y';
      INSERT INTO ONLY messages (id, conversation_id, role, content) OVERRIDING SYSTEM VALUE VALUES (7, 8, 'user', 'd') RETURNING id;
      """)
    #expect(reading.rows.map(\.count) == [4, 4, 4, 4])
    #expect(reading.rows.map { $0[0] } == ["a", "3", "5", "7"])
    #expect(reading.columns[0] == ["content", "role", "id", "conversation_id"])
    #expect(reading.damage == nil)
  }

  @Test func `lines of COPY are read with their escapes, up to the line that ends them`() throws {
    let reading = try DumpReading(
      #"""
      COPY public.messages (id, conversation_id, role, content) FROM stdin;
      1	2	user	tab\there, line\nthere, \\ and \x41\101\v\b\f\r
      3	4	\N	
      5	6	\\N	\N
      \.

      SELECT 1;
      """#)
    #expect(
      reading.rows == [
        ["1", "2", "user", "tab\there, line\nthere, \\ and AA\u{0B}\u{08}\u{0C}\r"],
        ["3", "4", nil, ""], ["5", "6", #"\N"#, nil],
      ])
    #expect(reading.statements == ["SELECT": 1])
    #expect(reading.damage == nil)
  }

  @Test func `lines that end in CR and LF are the same`() throws {
    let reading = try DumpReading(
      "COPY messages (id, conversation_id, role, content) FROM stdin;\r\n1\t2\tuser\ta\r\n\\.\r\n")
    #expect(reading.rows == [["1", "2", "user", "a"]])
    #expect(reading.damage == nil)
  }

  @Test func `COPY in the form of CSV is read too, and other options are refused with their place`()
    throws
  {
    let reading = try DumpReading(
      """
      COPY messages (id, conversation_id, role, content) FROM STDIN WITH (FORMAT csv, HEADER true);
      id,conversation_id,role,content
      1,2,user,"a ""b"",
      c"
      \\.
      """ + "\n")
    #expect(reading.rows == [["1", "2", "user", "a \"b\",\nc"]])
    #expect(reading.damage == nil)
    let odd = try DumpReading(
      "SET x = 1;\nCOPY messages (id, conversation_id, role, content) FROM stdin DELIMITER '|';\n1|2\n"
    )
    #expect(
      odd.damage
        == "COPY messages has the option DELIMITER, which is not read; nothing from here on was read"
    )
    #expect(odd.damagePlace == Place(input: 0, line: 2, byteOffset: 11, byteLength: 0))
    let other = try DumpReading(
      "COPY users (id) FROM stdin DELIMITER '|' NULL ';';\n1|2\n\\.\n\(Self.insert)(1, 2, 'user', 'a');"
    )
    #expect(other.rows == [["1", "2", "user", "a"]])
    #expect(other.tables == ["users": 1])
    #expect(other.damage == nil)
  }

  @Test func `columns that a statement does not name come from the table's definition`() throws {
    let definition = """
      CREATE TABLE IF NOT EXISTS public.messages (
        id uuid DEFAULT gen_random_uuid() NOT NULL, "conversation_id" uuid,
        role public.message_role NOT NULL CHECK (role IN ('a', 'b')),
        content text NOT NULL, extra jsonb, cost numeric(10,6),
        CONSTRAINT messages_pkey PRIMARY KEY (id, role), UNIQUE (content));
      """
    let reading = try DumpReading(
      definition + "INSERT INTO public.messages VALUES (1, 2, 'user', 'a', '{}', 0.5);")
    #expect(
      reading.columns == [["id", "conversation_id", "role", "content", "extra", "cost"]])
    #expect(reading.rows == [["1", "2", "user", "a", "{}", "0.5"]])
    let unknown = try DumpReading("\nINSERT INTO messages VALUES (1, 2, 'user', 'a');")
    #expect(unknown.rows.isEmpty)
    #expect(
      unknown.damage
        == "the columns of messages are named neither here nor by a CREATE TABLE before; "
        + "nothing from here on was read")
    #expect(unknown.damagePlace?.line == 2)
  }

  @Test func `a table is one whether or not a statement says its schema`() throws {
    let columns = "(id uuid, conversation_id uuid, role text, content text)"
    for (defined, named) in [("public.messages", "messages"), ("messages", "\"public\".messages")] {
      let reading = try DumpReading(
        "CREATE TABLE \(defined) \(columns);\nINSERT INTO \(named) VALUES (1, 2, 'user', 'a');")
      #expect(reading.rows == [["1", "2", "user", "a"]])
      #expect(reading.damage == nil)
    }
    let twice = try DumpReading(
      """
      CREATE TABLE old.messages (content text, id uuid, conversation_id uuid, role text);
      CREATE TABLE public.messages \(columns);
      INSERT INTO messages VALUES (1, 2, 'user', 'a');
      """)
    #expect(twice.rows.isEmpty)
    #expect(twice.damage?.hasPrefix("the columns of messages are named neither here") == true)
  }

  @Test func `names of columns in CSV may have capitals, and white space around them`() throws {
    let reading = try DumpReading("ID, Conversation_Id ,ROLE,\"Content\"\n1,2,user,a\n")
    #expect(reading.columns == [["id", "conversation_id", "role", "content"]])
    #expect(reading.rows == [["1", "2", "user", "a"]])
  }

  @Test(arguments: [
    "(FORMAT 'csv', HEADER 'true')", "(FORMAT csv, HEADER match)",
    "(HEADER 1, FORMAT \"csv\", FREEZE)",
  ])
  func `options of COPY may be in quotes, and have any value for true`(options: String) throws {
    let copy = "COPY messages (id, conversation_id, role, content) FROM stdin WITH "
    let reading = try DumpReading("\(copy)\(options);\na,b,c,d\n1,2,user,a\n\\.\n")
    #expect(reading.rows == [["1", "2", "user", "a"]])
    let bare = try DumpReading("\(copy)(FORMAT csv, HEADER false);\n1,2,user,a\n\\.\n")
    #expect(bare.rows == [["1", "2", "user", "a"]])
    let cold = try DumpReading(
      "\(copy)(FORMAT csv, HEADER, FREEZE off);\na,b,c,d\n1,2,user,a\n\\.\n")
    #expect(cold.rows == [["1", "2", "user", "a"]])
  }

  @Test func `what is not loaded is passed over and counted by name`() throws {
    let reading = try DumpReading(
      """
      \\restrict abc
      SET standard_conforming_strings = on;
      SELECT pg_catalog.set_config('search_path', '', false);
      CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $_$ BEGIN; INSERT INTO messages; END $_$;
      ALTER TABLE ONLY public.messages ADD CONSTRAINT x CHECK (content <> ';');
      INSERT INTO users (id) VALUES (1), (2);
      INSERT INTO conversations (id, user_id, direction, text) VALUES (1, 'u', 'user', 'old');
      INSERT INTO users (id) VALUES (3);
      COPY public.users (id) FROM stdin;
      4
      \\.
      INSERT INTO users SELECT * FROM x;
      \(Self.insert)(1, 2, 'user', 'a');
      """)
    #expect(reading.rows == [["1", "2", "user", "a"]])
    #expect(reading.tables == ["users": 3, "conversations": 1, "public.users": 1])
    #expect(
      reading.statements == [
        "SET": 1, "SELECT": 1, "CREATE FUNCTION": 1, "ALTER TABLE": 1, "INSERT … SELECT": 1,
      ])
    #expect(reading.damage == nil)
  }

  @Test func `rows have the place they begin at, in lines and bytes`() throws {
    let first = "-- é\n" + Self.insert
    let reading = try DumpReading(first + "('1','2','user','a\nb'),\n  ('3','4','user','c');")
    #expect(
      reading.places == [
        Place(input: 0, line: 2, byteOffset: first.utf8.count, byteLength: 22),
        Place(input: 0, line: 4, byteOffset: first.utf8.count + 26, byteLength: 20),
      ])
  }

  @Test func `a dump that ends too early gives what stands before, and says where it ends`() throws
  {
    for (text, rows) in [
      (Self.insert + "(1,2,'user','a'),(3,4,'user','b", 1),
      (Self.insert + "(1,2,'user','a'),", 1),
      ("COPY messages (id, conversation_id, role, content) FROM stdin;\n1\t2\tuser\ta\n3\t4", 1),
      ("COPY messages (id, conversation_id, role, content) FROM stdin;\n1\t2\tuser\ta\n", 1),
      ("INSERT INTO mess", 0), ("SELECT 1", 0), ("/* never closed", 0),
    ] {
      let reading = try DumpReading(text)
      #expect(reading.rows.count == rows, "\(text)")
      #expect(reading.damage == "the dump ends inside a statement", "\(text)")
    }
    let odd = try DumpReading(Self.insert + "(1,2,'user','a') (3,4,'user','b') = 5;")
    #expect(odd.rows.count == 2)
    #expect(odd.damage == "the list of rows goes on with no row; nothing from here on was read")
  }

  @Test func `nothing depends on how much is read at a time`() throws {
    let dump =
      """
      SET a = 1; -- comment
      /* one */ INSERT INTO users (id) VALUES (1), (2);
      \(Self.insert)('1', '2', 'user', 'it''s'), ('3', '4', E'a\\'b', $x$ $ $x$), (5, 6, NULL, 'ä');
      \(Self.insert)('7', '8', 'user'::text, '{}'::jsonb);
      COPY messages (id, conversation_id, role, content) FROM stdin;
      9\t10\tuser\ta\\tb
      \\.
      \(Self.insert)('11', '12', 'user', 'x');
      SELECT 1;

      """
    let whole = try DumpReading(dump)
    #expect(whole.rows.count == 6)
    #expect(whole.damage == nil)
    for bufferBytes in [1, 2, 3, 7, 64, 1 << 20] {
      let pieces = try DumpReading(Array(dump.utf8), bufferBytes: bufferBytes)
      #expect(pieces.rows == whole.rows)
      #expect(pieces.places == whole.places)
      #expect(pieces.tables == whole.tables)
      #expect(pieces.statements == whole.statements)
      #expect(pieces.damage == nil)
    }
  }

  @Test func `CSV with the names of its columns is read by these`() throws {
    let reading = try DumpReading(
      "content,id,role,conversation_id,metadata\r\n\"a \"\"b\"\"\r\nc\",1,user,2,\r\n\"\",3,user,4,\"{\"\"a\"\":1}\""
    )
    #expect(
      reading.rows == [
        ["a \"b\"\r\nc", "1", "user", "2", nil], ["", "3", "user", "4", #"{"a":1}"#],
      ])
    #expect(reading.damage == nil)
    let broken = try DumpReading("id,conversation_id,role,content\n1,2,user,\"a")
    #expect(broken.rows.isEmpty)
    #expect(broken.damage == "the dump ends inside a statement")
  }
}
