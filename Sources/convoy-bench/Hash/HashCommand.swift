internal import ArgumentParser
internal import Foundation
internal import Glibc

struct HashCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hash",
    abstract: "Compare convoy hash with openssl, sha256sum, rclone and hashdeep on the same files.",
    discussion: """
      Runs in pairs of which each begins with the other tool; convoy reads every file (--no-cache). The \
      files have been read once before, so that they come from the page cache, unless --cold.
      """)

  @Option(help: "Size of the large file, in MB.")
  var megabytes = 1_000

  @Option(help: "Files of 1 KiB.")
  var files = 100_000

  @Option(help: "Times each tool runs.")
  var pairs = 5

  @Option(help: "Directory for the files; those already in it are used again.")
  var dir = URL.temporaryDirectory.appending(path: "convoy-bench-hash").path

  @OptionGroup var measured: MeasuredConvoy

  @Option(help: "A tool to leave out; can be repeated.")
  var skip: [HashTool] = []

  @Flag(help: "Drop the page cache before each run, as root; the disk is then measured too.")
  var cold = false

  @Flag(help: "Print one JSON object instead of tables.")
  var json = false

  func validate() throws {
    guard megabytes >= 1, files >= 1, pairs >= 1 else {
      throw ValidationError("--megabytes, --files and --pairs must be at least 1")
    }
  }

  func run() async throws {
    let directory = URL(filePath: dir, directoryHint: .isDirectory).absoluteURL
    try directory.makeEmptied(["logs"])
    let jobs = try HashFiles(directory: directory, megabytes: megabytes, files: files).make()
    let load = try LoadAverage.now()
    let measured = try jobs.map { try measure($0.job, bytes: $0.bytes, in: directory) }
    let report = HashReport(loadAverage: load, isCold: cold, jobs: measured)
    print(json ? try report.json() : report.text)
  }

  private func measure(_ job: HashJob, bytes: Int, in directory: URL) throws -> HashReport.Job {
    let convoy = measured.path
    let peers = job.kind.peers.filter { !skip.contains($0) }
    let installed = peers.filter(\.isInstalled)
    func run(_ tool: HashTool) throws -> ProcessCost {
      if cold { try dropPageCache() }
      return try MeasuredProcess(
        command: job.command(tool, convoy: convoy),
        environment: ProcessInfo.processInfo.environment,
        log: directory.appending(path: "logs/\(job.kind.rawValue)-\(tool.rawValue).log")
      ).run()
    }
    _ = try run(.convoy)
    let results = try installed.map { peer in
      let costs = try (0..<pairs).map { pair in
        guard pair % 2 == 0 else { return (convoy: try run(.convoy), peer: try run(peer)) }
        let first = try run(peer)
        return (convoy: try run(.convoy), peer: first)
      }
      return HashReport.Peer(peer, costs)
    }
    return HashReport.Job(
      kind: job.kind, bytes: bytes, peers: results,
      missing: peers.filter { !installed.contains($0) })
  }

  private func dropPageCache() throws {
    sync()
    try Data("3\n".utf8).write(to: URL(filePath: "/proc/sys/vm/drop_caches"))
  }
}

extension HashTool: ExpressibleByArgument {}
