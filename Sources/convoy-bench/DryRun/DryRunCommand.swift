internal import ArgumentParser
internal import Foundation

struct DryRunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dry-run",
    abstract: "Measure what convoy's own work costs, with no server at all.",
    discussion: """
      Makes thread documents and runs the pipeline over them with --dry-run --offline: reading, \
      mapping, rules, ids and encoded rows. Prints megabytes (of a million bytes) a second of \
      processor time, which is what one core does, and the peak memory.
      """)

  @Option(help: "Threads to read.")
  var sessions = 40_000

  @Option(help: "Turns in each thread.")
  var turns = 10

  @Option(help: "Times the threads are read.")
  var runs = 5

  @Option(help: "Directory for data, logs and reports; threads already in it are used again.")
  var dir = URL.temporaryDirectory.appending(path: "convoy-bench").path

  @Option(help: "convoy's --workers; its own default if absent.")
  var workers: Int?

  @Option(help: "The convoy to measure; by default the one beside this program, else on PATH.")
  var convoy: String?

  @Option(help: "The pipeline convoy runs.")
  var pipeline = "pipelines/legacy-threads.yaml"

  func validate() throws {
    guard sessions >= 1, turns >= 1, runs >= 1, workers ?? 1 >= 1 else {
      throw ValidationError("--sessions, --turns, --runs and --workers must be at least 1")
    }
  }

  func run() async throws {
    let directory = URL(filePath: dir, directoryHint: .isDirectory).absoluteURL
    let logs = directory.appending(path: "logs")
    try FileManager.default.createDirectory(at: logs, withIntermediateDirectories: true)
    let documents = ThreadDocuments(sessions: sessions, turns: turns, files: 4, seed: 1)
    let inputBytes = try documents.makeUnlessKept(in: directory)
    let process = MeasuredProcess(
      command: [
        convoy ?? LocalServer.convoyBesideThisProgram(), "run", pipeline, "--dry-run",
        "--offline", "--input", directory.appending(path: "threads").path,
        "--report", directory.appending(path: "reports/dry-run").path,
      ] + (workers.map { ["--workers", "\($0)"] } ?? []),
      environment: ProcessInfo.processInfo.environment,
      log: logs.appending(path: "dry-run.log"))
    print(
      "\(sessions) sessions, \(sessions * turns) messages, \(inputBytes) bytes of JSONL\n"
        + "run     CPU s  MB/s a core  peak MiB")
    var rates: [Double] = []
    for number in 1...runs {
      let cost = try process.run()
      let rate = Double(inputBytes) / 1e6 / cost.cpuSeconds
      rates.append(rate)
      print(
        number.description.padding(toLength: 5, withPad: " ", startingAt: 0)
          + ImportReport.fixed(cost.cpuSeconds, width: 8) + ImportReport.fixed(rate, width: 13)
          + ImportReport.fixed(cost.peakBytes.map { Double($0) / 1_048_576 }, width: 10))
    }
    print(
      "MB/s a core   median    min    max\n" + String(repeating: " ", count: 11)
        + Spread(rates).text)
  }
}
