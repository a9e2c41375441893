internal import Foundation

/// convoy itself, as a user runs it.
enum ConvoyPeer {
  static func find(_ setting: PeerSetting) async throws -> Peer? {
    guard let version = try await setting.version([setting.convoy, "--version"]) else {
      return nil
    }
    return Peer(
      kind: .convoy, version: version, command: command(setting, report: "convoy"))
  }

  static func command(_ setting: PeerSetting, report: String) -> [String] {
    [
      setting.convoy, "run", setting.pipeline,
      "--input", setting.directory.appending(path: "threads").path,
      "--target", setting.loaded,
      "--report", setting.directory.appending(path: "reports/\(report)").path,
    ]
  }

  static func makeTemplate(_ setting: PeerSetting) -> [String] {
    [
      setting.convoy, "schema", "apply", "--baseline",
      "--target", setting.url.database(BenchServer.template),
    ]
  }
}
