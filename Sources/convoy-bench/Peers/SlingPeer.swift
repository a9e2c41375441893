internal import Foundation

/// Sling, from CSV into tables that are there.
enum SlingPeer {
  static func find(_ setting: PeerSetting) async throws -> Peer? {
    // The package prints what it downloads before the path.
    guard
      let program = try await setting.said(by: [setting.python, "-c", probe])?
        .split(separator: "\n").last.map(String.init),
      let version = try await setting.version([program, "--version"])
    else { return nil }
    let home = setting.directory.appending(path: "peers/sling").path
    return Peer(
      kind: .sling, version: version,
      command: [program, "run", "-r", try setting.write(replication(setting), as: "sling.yaml")],
      variables: [
        "CONVOY_BENCH": setting.loaded + "&sslmode=disable",
        "SLING_HOME_DIR": home,
        "SLING_DISABLE_TELEMETRY": "TRUE",
        "SLING_LOADED_AT_COLUMN": "false",
      ])
  }

  private static let probe = """
    import platform, shutil
    try:
        if platform.machine() == "aarch64":
            from sling_linux_arm64 import SLING_BIN
        else:
            from sling_linux_amd64 import SLING_BIN
    except ImportError:
        SLING_BIN = shutil.which("sling")
        if not SLING_BIN:
            from sling.bin import SLING_BIN
    print(SLING_BIN)
    """

  private static func replication(_ setting: PeerSetting) -> String {
    """
    source: LOCAL
    target: CONVOY_BENCH
    defaults:
      mode: incremental
      primary_key: [id]
      source_options: {empty_as_null: true}
    streams:
      "file://\(setting.rows("sessions.csv"))":
        object: public.exai_sessions
        columns: {metadata: json}
      "file://\(setting.rows("messages.csv"))":
        object: public.exai_messages
        columns: {metadata: json, tool_args: json, tool_result: json, tool_name: text}

    """
  }
}
