internal import Foundation
internal import TestSupport
internal import Testing

/// Pages as Chromium shows them: wide and on a phone, light and dark.
@Suite struct PageBrowserTests {
  private struct Visit: Decodable {
    struct Checked: Decodable {
      var contrast: Int
      var headings: Int
      var names: Int
      var targets: Int
      var images: Int
      var scripts: Int
    }

    struct Use: Decodable {
      var sorted: Int
      var filtered: Int
    }

    struct Views: Decodable {
      var light: Checked?
      var dark: Checked?
      var phone: Checked?
      var use: Use?
      var names: [String]?
    }

    var problems: [String]
    var requests: [String]
    var checked: Views
    var text: String
  }

  private static func visit(_ path: String, _ options: [String] = []) async throws -> Visit {
    let ended = try await CheckoutProgram.run("\(Checkout.path)/Tests/browse", [path] + options)
    guard ended.status == 0 else { throw TestFailure(ended.output) }
    return try JSONDecoder().decode(Visit.self, from: Data(ended.output.utf8))
  }

  @Test func `a report of hostile data breaks nothing, asks for nothing and reads well`()
    async throws
  {
    try await TemporaryDirectory.with { directory in
      _ = try await HostileReport.run(
        in: directory, options: ["--set", "transform.earliest=1990-01-01"])
      let run = try await HostileReport.run(in: directory)
      #expect(run.status == 3)
      let page = "\(directory.path)/report/report.html"
      let visit = try await Self.visit(page)
      #expect(visit.problems == [])
      #expect(visit.requests == [])
      for part in [
        "It can be loaded, but not all of it", "Since the last report", "time.range",
        HostileReport.markup, HostileReport.inputs[1], "transform.roles={moderator: system}",
        "exai_messages.content", "Load takes at least",
      ] {
        #expect(visit.text.contains(part), "\(part)")
      }
      for view in [visit.checked.light, visit.checked.dark, visit.checked.phone] {
        let view = try #require(view)
        #expect(view.contrast > 300 && view.names > 40 && view.headings > 15 && view.targets > 40)
        #expect(view.images == 0 && view.scripts == 1)
      }
      let use = try #require(visit.checked.use)
      #expect(use.sorted > 20 && use.filtered > 1)

      let plain = try await Self.visit(page, ["--without-script"])
      #expect(plain.problems == [])
      let names = try #require(plain.checked.names)
      #expect(names.contains("It can be loaded, but not all of it"))
      #expect(names.contains("Records by what became of them"))
    }
  }

  @Test func `a page with something wrong is found out`() async throws {
    try await TemporaryDirectory.with { directory in
      let page = try directory.write(
        "page.html",
        """
        <!DOCTYPE html><html><head><title></title></head><body><h1>A</h1><h3>B</h3>
        <p style="color:#999;background:#fff">pale</p><p style="width:3000px">wide</p>
        <img src="http://127.0.0.1:9/x"><a href="#none"></a>
        <table><tbody><tr><td>1</td></tr></tbody></table><svg><rect width="9" height="9"/></svg>
        <script>console.log("said"); nothing.at.all</script></body></html>
        """)
      let visit = try await Self.visit(page)
      for sign in [
        "contrast 2.85", "heading level skipped", "no language", "no title", "no name",
        "a link to nowhere", "no caption", "a row without a head", "a drawing without a role",
        "the page scrolls sideways", "console: log", "exception:", "not one main",
        "request: http://127.0.0.1:9/x",
      ] {
        #expect(visit.problems.contains { $0.contains(sign) }, "\(sign): \(visit.problems)")
      }
    }
  }

  @Test func `a clean load says so`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", ManyThreads.text(20))
      try await scene.run("threads", ["t.jsonl"]).expect()
      let visit = try await Self.visit("\(scene.directory.path)/report/report.html")
      #expect(visit.problems == [])
      #expect(visit.text.contains("Loaded, and nothing was left out"))
      #expect(!visit.text.contains("Load takes"))
    }
  }
}
