internal import Foundation

/// Rows of the later tables as a dump has them.
enum DumpRows {
  /// The id of something, told by one digit.
  static func id(_ kind: Int, _ number: Int) -> String {
    String(format: "00000000-0000-4000-800%d-%012d", kind, number)
  }

  static func conversation(_ number: Int) -> String { id(1, number) }

  static func message(_ number: Int) -> String { id(2, number) }

  static func insert(
    _ rows: [String], columns: String = "id, conversation_id, role, content, created_at, metadata"
  ) -> String {
    "INSERT INTO public.messages (\(columns)) VALUES \(rows.joined(separator: ",\n"));\n"
  }

  static func row(
    _ number: Int, of conversation: Int, _ role: String, _ content: String, _ time: String,
    _ metadata: String = "NULL"
  ) -> String {
    "('\(message(number))', '\(Self.conversation(conversation))', '\(role)', '\(content)', "
      + "'2025-10-24 10:00:\(time)+00', \(metadata))"
  }

  static let conversations = """
    COPY public.conversations (id, continuation_id, title, metadata, created_at, updated_at) FROM stdin;
    \(conversation(1))	c-1	First	{"tool_name": "chat"}	2025-10-24 09:00:00+00	2025-10-24 11:00:00+00
    \(conversation(2))	c-2	\\N	{}	2025-10-24 09:30:00+00	\\N
    \\.

    """
}
