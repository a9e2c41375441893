internal import Archive
internal import Foundation
internal import TestSupport
internal import Testing

@testable internal import Pipeline

/// What `pipelines/deploy` has, judged by the programs it is for.
@Suite struct DeployTests {
  private static let folder = "pipelines/deploy"

  /// The directory of the built convoy.
  private static func built() throws -> String {
    let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return URL(filePath: bundle).deletingLastPathComponent().path
  }

  @Test func `systemd takes the units, and finds little that they could do besides`() async throws {
    try await TemporaryDirectory.with { directory in
      var units: [String] = []
      for name in ["convoy-nightly.service", "convoy-nightly.timer"] {
        // A unit whose program is not there is refused.
        let text = try Checkout.text("\(Self.folder)/\(name)")
          .replacing("/usr/local/bin", with: try Self.built())
        units.append(try directory.write(name, text))
      }
      let verified = try await CheckoutProgram.run(
        "systemd-analyze", ["verify", "--man=no"] + units)
      #expect(verified.status == 0)
      #expect(verified.output == "")
      // 10 is a service without any limits; systemd itself calls less than 2 OK.
      let judged = try await CheckoutProgram.run(
        "systemd-analyze",
        ["security", "--no-pager", "--offline=true", "--threshold=20", units[0]])
      #expect(judged.status == 0, "\(judged.output)")
    }
  }

  @Test func `systemd knows when the timer comes`() async throws {
    let timer = try Checkout.text("\(Self.folder)/convoy-nightly.timer")
    let line = try #require(
      timer.split(separator: "\n").first { $0.hasPrefix("OnCalendar=") })
    let asked = try await CheckoutProgram.run(
      "systemd-analyze", ["calendar", String(line.dropFirst("OnCalendar=".count))])
    #expect(asked.status == 0)
    #expect(asked.output.contains("Normalized form: *-*-* 02:15:00\n"))
  }

  @Test func `cron's line comes every night and makes an archive`() async throws {
    try await RunScene.with { scene in
      let table = try Checkout.text("\(Self.folder)/convoy-nightly.cron")
      let lines = table.split(separator: "\n").filter { !$0.hasPrefix("#") }
      #expect(lines.dropLast().map { $0.split(separator: "=")[0] } == ["MAILTO", "SHELL"])
      // crontab(5): five fields, a user, and the rest of the line for the shell, in which % ends it.
      let line = try #require(lines.last)
      let fields = line.split(separator: " ", maxSplits: 6)
      #expect(fields[0..<6] == ["15", "2", "*", "*", "*", "convoy"])
      #expect(!fields[6].contains("%"))

      let path = scene.directory.path
      let pipeline = try Checkout.text("pipelines/nightly-export.yaml")
      try scene.directory.write("etc/nightly-export.yaml", pipeline)
      try scene.directory.write("etc/nightly.env", "DATABASE_URL='\(scene.database.url)'\n")
      try FileManager.default.createDirectory(
        atPath: "\(path)/var", withIntermediateDirectories: false)
      let command = fields[6].replacing("/etc/convoy", with: "\(path)/etc")
        .replacing("/var/lib/convoy", with: "\(path)/var")
        .replacing("/usr/local/bin", with: try Self.built())
      // As cron does, with next to no environment.
      let ended = try await CheckoutProgram.run(
        "env",
        [
          "-i", "-C", path, "PATH=/usr/bin:/bin", "HOME=\(path)", "LC_ALL=C.UTF-8", "/bin/sh", "-c",
          String(command),
        ])
      #expect(ended.status == 0, "\(ended.output)")
      let names = try ArchiveRoot(path: "\(path)/var/archives").names()
      #expect(names.count == 1)
      let archive = try ArchiveDirectory(path: "\(path)/var/archives/\(try #require(names.first))")
      #expect(archive.manifest.source.database == scene.database.name)
      #expect(FileManager.default.fileExists(atPath: "\(path)/var/report/report.json"))
    }
  }

  @Test func `Kubernetes' own schemas take the CronJob, and convoy the pipeline in it`()
    async throws
  {
    let file = "\(Checkout.path)/\(Self.folder)/convoy-nightly.kubernetes.yaml"
    let python = try Self.python()
    let judged = try await CheckoutProgram.run(
      python, ["-m", "kubernetes_validate", "--strict", "--quiet", file])
    #expect(judged.status == 0, "\(judged.output)")
    let wrong = try await TemporaryDirectory.with { directory in
      let text = try Checkout.text("\(Self.folder)/convoy-nightly.kubernetes.yaml")
        .replacing("concurrencyPolicy", with: "concurencyPolicy")
      return try await CheckoutProgram.run(
        python,
        [
          "-m", "kubernetes_validate", "--strict", "--quiet",
          try directory.write("wrong.yaml", text),
        ])
    }
    #expect(wrong.status == 1)
    #expect(wrong.output.contains("'concurencyPolicy' was unexpected"))
    let script = """
      import sys, yaml
      found = {each["kind"]: each for each in yaml.safe_load_all(open(sys.argv[1]))}
      pod = found["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
      print(pod["containers"][0]["command"][-1])
      print(found["ConfigMap"]["data"]["nightly-export.yaml"], end="")
      """
    let read = try await CheckoutProgram.run(python, ["-c", script, file])
    let lines = read.output.split(separator: "\n", maxSplits: 1)
    try #require(read.status == 0 && lines.count == 2, "\(read.output)")
    #expect(lines[0] == "/etc/convoy/nightly-export.yaml")
    let spec = try PipelineSpec.parse(String(lines[1]), file: "nightly-export.yaml")
    #expect(spec.kind == .export)
    #expect(spec.export.root == "/archives")
    #expect(!spec.export.keep.keepsAll)
  }

  /// The Python that has the schemas, where `Tests/install --servers` puts it.
  private static func python() throws -> String {
    let environment = ProcessInfo.processInfo.environment
    let home = environment["XDG_CACHE_HOME"] ?? "\(environment["HOME"] ?? "")/.cache"
    let list = try StoredForm(ofFile: "\(Checkout.path)/Tests/DeployPeers/requirements.txt")
    let cache = geteuid() == 0 ? "/var/cache" : home
    let path = "\(cache)/convoy-tests/deploy-peers-\(list.sha256.hex.prefix(12))/bin/python"
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw TestFailure("no \(path): run Tests/install --servers")
    }
    return path
  }
}
