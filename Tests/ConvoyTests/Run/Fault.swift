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
  /// Whether the temporary tables of a dry run have what refuses the row.
  var isInRow = true

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
      sqlState: "P0001", isInRow: false),
    Fault(
      name: "deferred trigger",
      definition: raising(
        "AFTER INSERT ON exai_messages DEFERRABLE INITIALLY DEFERRED FOR EACH ROW", "CONSTRAINT"),
      part: .message, members: { number, _ in #""content":"odd \#(number)""# },
      sqlState: "P0001", isInRow: false),
    Fault(
      name: "foreign key",
      definition: """
        CREATE TABLE models (name text PRIMARY KEY); INSERT INTO models VALUES ('m');
        ALTER TABLE exai_messages ADD CONSTRAINT of_model FOREIGN KEY (model_used) REFERENCES models
        """,
      part: .message, members: { number, _ in #""content":"bad \#(number)","model_name":"none""# },
      sqlState: "23503", constraint: "of_model", isInRow: false),
    Fault(
      name: "deferred foreign key",
      definition: """
        CREATE TABLE models (name text PRIMARY KEY); INSERT INTO models VALUES ('m');
        ALTER TABLE exai_messages ADD CONSTRAINT of_model FOREIGN KEY (model_used) REFERENCES models
          DEFERRABLE INITIALLY DEFERRED
        """,
      part: .message, members: { number, _ in #""content":"bad \#(number)","model_name":"none""# },
      sqlState: "23503", constraint: "of_model", isInRow: false),
    Fault(
      name: "unique index",
      definition: "CREATE UNIQUE INDEX once ON exai_messages (md5(content))",
      part: .message, members: { _, previous in #""content":"\#(previous)""# },
      sqlState: "23505", constraint: "once", isInRow: false),
    Fault(
      name: "row too wide for an index",
      definition: "CREATE INDEX wide ON exai_messages (content)", part: .message,
      members: { number, _ in #""content":"bad \#(number) \#(incompressible(number))""# },
      sqlState: "54000", constraint: "wide", isInRow: false),
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
