public import Archive
internal import Foundation

/// One session of an archive with what belongs to it, found without reading most of the rest.
public struct ArchivedConversation: Sendable {
  /// A row, as the archive has it.
  public struct Row: Sendable {
    /// The table's name.
    public let table: String
    /// The JSON object, without the end of its line.
    public let line: [UInt8]
  }

  private let archive: ArchiveDirectory

  /// Prepares to look.
  public init(_ archive: ArchiveDirectory) { self.archive = archive }

  /// The session's row, then the rows of every other table whose `session_id` names it, in the archive's order.
  ///
  /// - Parameter name: a continuation id or a session id.
  /// - Returns: the rows; none when there is no such session.
  /// - Throws: ``RunError``, of kind `overBudget` for damage.
  public func rows(of name: String) async throws -> [Row] {
    guard let sessions = archive.manifest.tables.first(where: { $0.title == "exai_sessions" })
    else { throw RunError(.failed, "\(archive.path) has no table exai_sessions") }
    var found: [Row] = []
    var id: String?
    let searched = Array(name.utf8)
    try await forEachLine(sessions, holding: searched) { line in
      guard id == nil, let row = Self.object(line), let key = row["id"] as? String else { return }
      guard key == name || row["continuation_id"] as? String == name else { return }
      id = key
      found.append(Row(table: sessions.title, line: line))
    }
    guard let id else { return [] }
    let key = Array(id.utf8)
    for table in archive.manifest.tables where table.title != sessions.title {
      guard table.columns.contains(where: { $0.name == "session_id" }) else { continue }
      try await forEachLine(table, holding: key, key: id) { line in
        if Self.object(line)?["session_id"] as? String == id {
          found.append(Row(table: table.title, line: line))
        }
      }
    }
    return found
  }

  private static func object(_ line: [UInt8]) -> [String: Any]? {
    // A line that holds the name but is no object is none of the conversation's.
    (try? JSONSerialization.jsonObject(with: Data(line))) as? [String: Any]
  }

  /// Gives the lines that hold some bytes; members whose range of keys leaves the key out are not read.
  private func forEachLine(
    _ table: ArchivedTable, holding bytes: [UInt8], key: String? = nil, _ body: ([UInt8]) -> Void
  ) async throws {
    func mayHold(_ range: ArchivedRange?) -> Bool {
      guard let range, let key else { return true }
      return range.least <= key && key <= range.greatest
    }
    for part in table.parts where mayHold(part.keys) {
      try await ArchiveRows(archive).forEachMember(of: part, where: { mayHold($0.keys) }) {
        _, rows in
        for line in rows.split(separator: 0x0A) where line.firstRange(of: bytes) != nil {
          body(Array(line))
        }
      }
    }
  }
}
