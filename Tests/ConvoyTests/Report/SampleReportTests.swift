internal import Foundation
internal import TestSupport
internal import Testing

/// The page that the README shows as an example.
@Suite struct SampleReportTests {
  /// A page without what differs from one machine and day to another.
  private static func withoutMeasures(_ page: String) throws -> String {
    try [
      "<section id=\"measures\".*?</section>", "<dt>Load takes at least</dt>\n<dd>[^<]*",
      "began [^·]*", "took [^<]*", "sha256-[^ ]*",
    ].reduce(page) { page, part in
      page.replacing(try Regex(part).dotMatchesNewlines(), with: "")
    }
  }

  @Test func `it is what the command beside its link makes`() async throws {
    let readme = try Readme()
    let command = try #require(
      readme.blocks("sh").first { $0.contains("--report example") }?.replacing("\\\n", with: ""))
    let arguments = command.split(separator: " ").prefix { $0 != "||" }.dropFirst().map(String.init)
    try await Checkout.withWorkingCopy { directory in
      let ended = try await ConvoyProcess.run(
        arguments, environment: ["CONVOY_HOME": "/proc/none"], directory: directory.path)
      #expect(ended.status == 3, "\(ended.errors)")
      let made = String(decoding: try directory.read("example/report.html"), as: UTF8.self)
      let kept = try Checkout.text("samples/report.html")
      #expect(try Self.withoutMeasures(made) == Self.withoutMeasures(kept))
      // What was left out of the comparison is there.
      #expect(kept.contains("<section id=\"measures\"") && kept.contains("Load takes at least"))
    }
  }
}
