internal import Foundation

/// psql's \copy of text rows: what one connection to this server can take.
enum PsqlPeer {
  static func find(_ setting: PeerSetting) async throws -> Peer? {
    guard let version = try await setting.version(["psql", "--version"]) else { return nil }
    return Peer(
      kind: .psql, version: version,
      command: command(setting) { table, file in ["\\copy exai_\(table) from \(file("copy"))"] })
  }

  /// Writes what is loaded as both kinds of ready-made rows.
  static func makeRows(_ setting: PeerSetting) -> [String] {
    command(setting) { table, file in
      let rows = "\\copy (select * from exai_\(table) order by ctid) to"
      return ["\(rows) \(file("copy"))", "\(rows) \(file("csv")) with (format csv, header)"]
    }
  }

  private static func command(
    _ setting: PeerSetting,
    _ copies: (_ table: String, _ file: (_ format: String) -> String) -> [String]
  ) -> [String] {
    ["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", setting.loaded]
      + ["sessions", "messages"].flatMap { table in
        copies(table) { format in
          "'" + setting.rows("\(table).\(format)").replacing("'", with: "''") + "'"
        }.flatMap { ["-c", $0] }
      }
  }
}
