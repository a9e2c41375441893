@testable internal import Pipeline

/// Scenes that fixtures of several rules are made of.
extension RuleScene {
  /// A question, and an answer with these members of its model's metadata.
  init(answering metadata: String) {
    self.init(turns: [
      RuleScene.turn("user", "a"),
      RuleScene.turn("assistant", "b", at: 1, ",\"model_metadata\":{\(metadata)}"),
    ])
  }
}

extension RuleScene {
  /// A dump with a row of the message bus, by its payload, compression and checksum.
  static func bus(payload: String, _ values: String) -> RuleScene {
    RuleScene(
      .messagesDump,
      files: [
        "a.sql": """
        INSERT INTO message_bus (transaction_id, created_at, payload, compression_type, checksum) VALUES
        ('t', '2025-10-08 09:00:00+00', '\(payload)', \(values));
        """
      ])
  }

  /// A dump with a row of files, by its path and size; the file `there` has one byte.
  static func fileRow(_ values: String) -> RuleScene {
    var scene = RuleScene(
      .messagesDump,
      yaml: """
        attach: {turns: resolve, roots: ["{directory}"]}
        store: {directory: "{directory}/objects"}
        """,
      files: [
        "a.sql": """
        INSERT INTO files (id, original_name, storage_path, size_bytes) VALUES ('1', 'a', \(values));
        """
      ])
    scene.beside = ["there": "x"]
    return scene
  }

  /// A dump with these rows of messages.
  static func dump(_ rows: String) -> RuleScene {
    RuleScene(
      .messagesDump,
      files: [
        "a.sql": """
        INSERT INTO messages (id, conversation_id, role, content, metadata) VALUES \(rows);
        """
      ])
  }
}

extension Rule {
  /// Stores what a user said in the session `t-1`, as another program than convoy does.
  static func storing(_ contents: [String]) -> String {
    let rows = contents.enumerated().map { day, content in
      "(s, 'user', '\(content)', '2025-12-0\(day + 1)Z')"
    }
    return """
      DO $$ DECLARE s uuid; BEGIN
        INSERT INTO exai_sessions (id, user_id, continuation_id)
          VALUES (gen_random_uuid(), 'u', 't-1') RETURNING id INTO s;
        INSERT INTO exai_messages (session_id, role, content, created_at)
          VALUES \(rows.joined(separator: ", "));
      END $$
      """
  }
}
