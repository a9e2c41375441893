internal import Testing

/// A way a target refuses rows that convoy itself finds nothing wrong with.
struct Fault: Sendable, CustomTestStringConvertible {
  /// Which part of a conversation is made bad.
  enum Part: Sendable { case message, session }

  let name: String
  /// What is done to the tables before the load.
  let definition: String
  let part: Part
  /// A bad message's members, in place of a good one's; `previous` is the good content before it.
  let members: @Sendable (_ number: Int, _ previous: String) -> String
  let sqlState: String
  var constraint: String?
  var column: String?

  var testDescription: String { name }

  static let all: [Fault] = [
    Fault(
      name: "CHECK of a message",
      definition:
        "ALTER TABLE exai_messages ADD CONSTRAINT polite CHECK (content NOT LIKE 'rude%')",
      part: .message, members: { number, _ in #""content":"rude \#(number)""# },
      sqlState: "23514", constraint: "polite"),
    Fault(
      name: "CHECK of a session",
      definition:
        "ALTER TABLE exai_sessions ADD CONSTRAINT known CHECK (continuation_id NOT LIKE 'bad%')",
      part: .session, members: { _, _ in "" }, sqlState: "23514", constraint: "known"),
    Fault(
      name: "NOT NULL", definition: "ALTER TABLE exai_messages ALTER model_used SET NOT NULL",
      part: .message, members: { number, _ in #""content":"bad \#(number)","model_name":null"# },
      sqlState: "23502", column: "model_used"),
    Fault(
      name: "varchar", definition: "ALTER TABLE exai_messages ALTER model_used TYPE varchar(10)",
      part: .message,
      members: { number, _ in #""content":"bad \#(number)","model_name":"longer than ten""# },
      sqlState: "22001"),
    Fault(
      name: "numeric",
      definition: """
        CREATE DOMAIN price AS numeric(5,2); ALTER TABLE exai_messages ALTER cost_usd DROP DEFAULT;
        ALTER TABLE exai_messages ALTER cost_usd TYPE price
        """,
      part: .message,
      members: { number, _ in
        #""content":"bad \#(number)","model_metadata":{"cost_usd":12345.5}"#
      }, sqlState: "22003"),
    Fault(
      name: "trigger", definition: raising("BEFORE INSERT ON exai_messages FOR EACH ROW"),
      part: .message, members: { number, _ in #""content":"odd \#(number)""# },
      sqlState: "P0001"),
    Fault(
      name: "deferred trigger",
      definition: raising(
        "AFTER INSERT ON exai_messages DEFERRABLE INITIALLY DEFERRED FOR EACH ROW", "CONSTRAINT"),
      part: .message, members: { number, _ in #""content":"odd \#(number)""# },
      sqlState: "P0001"),
    Fault(
      name: "foreign key",
      definition: """
        CREATE TABLE models (name text PRIMARY KEY); INSERT INTO models VALUES ('m');
        ALTER TABLE exai_messages ADD CONSTRAINT of_model FOREIGN KEY (model_used) REFERENCES models
        """,
      part: .message, members: { number, _ in #""content":"bad \#(number)","model_name":"none""# },
      sqlState: "23503", constraint: "of_model"),
    Fault(
      name: "deferred foreign key",
      definition: """
        CREATE TABLE models (name text PRIMARY KEY); INSERT INTO models VALUES ('m');
        ALTER TABLE exai_messages ADD CONSTRAINT of_model FOREIGN KEY (model_used) REFERENCES models
          DEFERRABLE INITIALLY DEFERRED
        """,
      part: .message, members: { number, _ in #""content":"bad \#(number)","model_name":"none""# },
      sqlState: "23503", constraint: "of_model"),
    Fault(
      name: "unique index",
      definition: "CREATE UNIQUE INDEX once ON exai_messages (md5(content))",
      part: .message, members: { _, previous in #""content":"\#(previous)""# },
      sqlState: "23505", constraint: "once"),
    Fault(
      name: "row too wide for an index",
      definition: "CREATE INDEX wide ON exai_messages (content)", part: .message,
      members: { number, _ in #""content":"bad \#(number) \#(incompressible(number))""# },
      sqlState: "54000", constraint: "wide"),
  ]

  /// What takes more than a row of its own to refuse, or is rarely met.
  static let rare: [Fault] = [
    Fault(
      name: "exclusion constraint",
      definition: """
        ALTER TABLE exai_messages ADD CONSTRAINT apart EXCLUDE USING hash (md5(content) WITH =)
        """,
      part: .message, members: { _, previous in #""content":"\#(previous)""# },
      sqlState: "23P01", constraint: "apart"),
    Fault(
      name: "deferred unique constraint",
      definition: """
        ALTER TABLE exai_messages
          ADD CONSTRAINT once UNIQUE (content) DEFERRABLE INITIALLY DEFERRED
        """,
      part: .message, members: { _, previous in #""content":"\#(previous)""# },
      sqlState: "23505", constraint: "once"),
    Fault(
      name: "unique index over part of the rows",
      definition: """
        CREATE UNIQUE INDEX "some ON once" ON exai_messages (lower(content), model_used)
          WHERE content LIKE 's%'
        """,
      part: .message, members: { _, previous in #""content":"\#(previous)""# },
      sqlState: "23505", constraint: "some ON once"),
    Fault(
      name: "foreign key of a session",
      definition: """
        CREATE TABLE known (name text PRIMARY KEY);
        INSERT INTO known SELECT 't' || n FROM generate_series(0, 1999) n;
        ALTER TABLE exai_sessions
          ADD CONSTRAINT of_known FOREIGN KEY (continuation_id) REFERENCES known
        """,
      part: .session, members: { _, _ in "" }, sqlState: "23503", constraint: "of_known"),
    Fault(
      name: "trigger behind the row",
      definition: raising("AFTER INSERT ON exai_messages FOR EACH ROW"),
      part: .message, members: { number, _ in #""content":"odd \#(number)""# },
      sqlState: "P0001"),
    Fault(
      name: "trigger of a session under a condition",
      definition: """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          RAISE EXCEPTION 'not this one' USING ERRCODE = '23514', CONSTRAINT = 'of mine';
        END $$;
        CREATE TRIGGER "refuse FOR EACH ROW" BEFORE INSERT OR UPDATE OF title ON exai_sessions
          FOR EACH ROW WHEN (NEW.continuation_id LIKE 'bad%' OR NEW.title = 'none')
          EXECUTE FUNCTION refuse()
        """,
      part: .session, members: { _, _ in "" }, sqlState: "23514", constraint: "of mine"),
    Fault(
      name: "trigger over all rows of a statement",
      definition: """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF EXISTS (SELECT FROM added WHERE content LIKE 'odd%') THEN RAISE 'not these'; END IF;
          RETURN NULL;
        END $$;
        CREATE TRIGGER refuse AFTER INSERT ON exai_messages REFERENCING NEW TABLE AS added
          FOR EACH STATEMENT EXECUTE FUNCTION refuse()
        """,
      part: .message, members: { number, _ in #""content":"odd \#(number)""# },
      sqlState: "P0001"),
    Fault(
      name: "trigger that looks at the session",
      definition: """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF NOT EXISTS (SELECT FROM exai_sessions WHERE id = NEW.session_id) THEN RAISE 'no session'; END IF;
          IF NEW.content LIKE 'odd%' THEN NEW.content := NULL; END IF;
          RETURN NEW;
        END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON exai_messages FOR EACH ROW EXECUTE FUNCTION refuse()
        """,
      part: .message, members: { number, _ in #""content":"odd \#(number)""# },
      sqlState: "23502", column: "content"),
    Fault(
      name: "generated column",
      definition: """
        ALTER TABLE exai_messages ADD serial bigserial, ADD counted bigint GENERATED ALWAYS AS IDENTITY,
          ADD share integer GENERATED ALWAYS AS (1 / (CASE WHEN content LIKE 'odd%' THEN 0 ELSE 1 END)) STORED
        """,
      part: .message, members: { number, _ in #""content":"odd \#(number)""# },
      sqlState: "22012"),
  ]

  private static func raising(_ event: String, _ kind: String = "") -> String {
    """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.content LIKE 'odd%' THEN RAISE EXCEPTION 'not this one'; END IF;
      RETURN NEW;
    END $$;
    CREATE \(kind) TRIGGER refuse \(event) EXECUTE FUNCTION refuse()
    """
  }

  /// Longer than a third of a page however it is packed.
  private static func incompressible(_ number: Int) -> String {
    var random = SeededGenerator(UInt64(number))
    return (0..<400).map { _ in String(random.next(), radix: 36) }.joined()
  }
}
