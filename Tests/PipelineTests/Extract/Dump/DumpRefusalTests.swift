import Testing

@testable import Pipeline

/// Dumps, and statements of dumps, whose rows would be read as something else: they are told of instead.
struct DumpRefusalTests {
  private static let insert =
    "INSERT INTO messages (id, conversation_id, role, content) VALUES "

  @Test(arguments: [
    ("INSERT INTO public.messages (id) SELECT 1;", "INSERT … SELECT into public.messages"),
    ("INSERT INTO messages AS m (id) VALUES (1);", "INSERT … AS into messages"),
    ("INSERT INTO messages (id) (VALUES (1));", "INSERT in parentheses into messages"),
    ("COPY messages FROM '/tmp/a.csv' CSV;", "COPY from a file into messages"),
    ("\\copy public.messages from 'a.csv' csv", "\\copy into public.messages"),
    ("WITH a AS (SELECT ';') INSERT INTO messages (id) SELECT * FROM a;", "WITH … into messages"),
    (
      "with new as (insert into Public.messages values (1) returning id) select 1;",
      "WITH … into public.messages"
    ),
    ("MERGE INTO ONLY messages USING x ON true WHEN MATCHED THEN DELETE;", "MERGE … into messages"),
    ("SELECT 'a' AS id INTO messages FROM x;", "SELECT … into messages"),
    ("CREATE TABLE messages AS SELECT 1;", "CREATE TABLE … AS into messages"),
    ("CREATE TABLE messages (id) AS SELECT 1;", "CREATE TABLE … AS into messages"),
    ("DO $x$ BEGIN INSERT INTO \"messages\" VALUES (1); END $x$;", "DO … into messages"),
    ("DO LANGUAGE plpgsql 'BEGIN INSERT INTO messages VALUES (1); END';", "DO … into messages"),
    ("INSERT OR REPLACE INTO messages (id) VALUES (1);", "INSERT … into messages"),
    ("REPLACE INTO messages VALUES (1);", "REPLACE … into messages"),
    ("LOAD DATA INFILE 'a' INTO TABLE messages;", "LOAD … into messages"),
    (
      "INSERT INTO messages (id, conversation_id, role, content) VALUES ROW(1);",
      "INSERT … VALUES … ROW into messages"
    ),
  ])
  func `a statement that would bring rows otherwise than read is told of`(
    statement: String, text: String
  ) throws {
    let reading = try DumpReading("SELECT 1;\n\(statement)\n\(Self.insert)(1, 2, 'user', 'a');")
    #expect(reading.rows == [["1", "2", "user", "a"]])
    #expect(reading.unread == ["\(text), line 2"])
    #expect(reading.statements == ["SELECT": 1])
    #expect(reading.damage == nil)
    let foreign = try DumpReading(statement.replacing("messages", with: "users") + "\n")
    #expect(foreign.unread.isEmpty)
    #expect(foreign.statements.values.reduce(0, +) == 1)
  }

  @Test(arguments: [
    "SELECT 'INSERT INTO messages' AS a;", "SELECT a AS \"into\" FROM messages;",
    "WITH messages AS (SELECT 1) SELECT * FROM messages;",
    "DO $$ BEGIN RAISE NOTICE 'into'; END $$;",
    "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ INSERT INTO messages VALUES (1); $$;",
    """
    CREATE FUNCTION f(a text) RETURNS void LANGUAGE sql BEGIN ATOMIC
      INSERT INTO messages (id, conversation_id, role, content) VALUES
        (CASE a WHEN '' THEN 'b' ELSE a END, '2', 'user', 'x');
      SELECT 1;
    END;
    """,
    "CREATE TABLE messages (id text, body text DEFAULT 'AS');",
    "SELECT 1 INTO a.b.c FROM messages;",
  ])
  func `a statement that brings no rows of a table is one like any other`(statement: String) throws
  {
    let reading = try DumpReading("\(statement)\n\(Self.insert)(1, 2, 'user', 'a');")
    #expect(reading.rows == [["1", "2", "user", "a"]])
    #expect(reading.unread.isEmpty)
    #expect(reading.statements.values.reduce(0, +) == 1)
    #expect(reading.damage == nil)
  }

  @Test(arguments: ["LATIN1", "'WIN1252'", "\"sjis\""])
  func `nothing is read of a dump in another encoding than UTF-8`(name: String) throws {
    for setting in [
      "SET client_encoding = \(name)", "set session Client_Encoding to \(name)",
      "SET NAMES \(name)",
    ] {
      let reading = try DumpReading("\(setting);\n\(Self.insert)(1, 2, 'user', 'a');")
      #expect(reading.rows.isEmpty, "\(setting)")
      #expect(
        reading.damage
          == "it is written in \(name.filter(\.isLetterOrDigit)), and only UTF-8 is read; "
          + (name.contains("sjis")
            ? "pg_dump --encoding=UTF8 writes that" : "source.encoding: windows-1252 reads it")
          + "; nothing from here on was read")
    }
    for name in ["UTF8", "'utf-8'", "'UNICODE'", "SQL_ASCII", "DEFAULT"] {
      let reading = try DumpReading(
        "SET client_encoding = \(name);\n\(Self.insert)(1, 2, 'user', 'a');")
      #expect(reading.rows.count == 1)
      #expect(reading.damage == nil)
    }
  }

  @Test func `nothing is read of a dump whose plain texts have backslash escapes`() throws {
    let reading = try DumpReading(
      "SET standard_conforming_strings = 'off';\n\(Self.insert)(1, 2, 'user', 'it\\'s');")
    #expect(reading.rows.isEmpty)
    #expect(reading.damage?.hasPrefix("it sets standard_conforming_strings off") == true)
    #expect(reading.damagePlace?.line == 1)
  }

  @Test(arguments: [
    ("PGDMP\u{1}\u{E}", "it is an archive of pg_dump"),
    ("id;conversation_id;role;content\n1;2;user;a\n", "it is neither SQL nor CSV"),
    ("id\tconversation_id\trole\tcontent\n", "it is neither SQL nor CSV"),
    ("1,2,user,a\n", "it is neither SQL nor CSV"), ("\u{89}PNG\r\n", "it is neither SQL nor CSV"),
  ])
  func `what is no dump is said to be none`(text: String, reason: String) throws {
    let reading = try DumpReading(text)
    #expect(reading.rows.isEmpty)
    #expect(reading.damage?.hasPrefix(reason) == true, "\(reading.damage ?? "no damage")")
    #expect(reading.statements.isEmpty)
  }

  @Test(arguments: [
    "INSERT INTO messages (key,id,conversation_id,role,content,extra) VALUES\n(0,1,2,'user','a',3);\n",
    "INSERT INTO messages (key, id, conversation_id, role, content, extra)\nVALUES (0,1,2,'user','a',3);\n",
    "COPY messages (key,id,conversation_id,role,content,extra) FROM stdin CSV;\n0,1,2,user,a,3\n\\.\n",
    "-- key,id,conversation_id,role,content,extra\n\(insert)(1,2,'user','a');\n",
    "/* key,id,conversation_id,role,content,extra */\n\(insert)(1,2,'user','a');\n",
  ])
  func `a statement whose names have commas between them is no line of names`(text: String) throws {
    let reading = try DumpReading(text)
    #expect(reading.rows.count == 1)
    #expect(reading.rows.first.map { $0.contains("user") && $0.contains("a") } == true)
    #expect(reading.damage == nil)
    #expect(DumpSign(Array(text.utf8), isAll: true) == .rows("messages", isSure: true))
  }

  @Test func `nothing is read of a dump of MySQL, whose texts end elsewhere`() throws {
    let reading = try DumpReading(
      "SET x = 1;\nINSERT INTO `users` VALUES ('it\\'s; so');\n\(Self.insert)(1, 2, 'user', 'a');")
    #expect(reading.rows.isEmpty)
    #expect(reading.damage?.hasPrefix("names are in backticks, as MySQL writes them") == true)
    #expect(reading.damagePlace?.line == 2)
  }
}

extension Character {
  fileprivate var isLetterOrDigit: Bool { isLetter || isNumber }
}
