internal import ArgumentParser
internal import Foundation

struct DryRunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dry-run",
    abstract: "Measure what convoy's own work costs, or a dry run with a target in loads.",
    discussion: """
      Makes thread documents and runs the pipeline over them with --dry-run --offline: reading, \
      mapping, rules, ids and encoded rows. Prints megabytes (of a million bytes) a second of \
      processor time, which is what one core does, and the peak memory.

      With --against-load both a load and a dry run with a target are run by turns, into a database \
      that is empty each time, on convoy's local server with its home in DIR. Prints the wall times \
      and their ratio.
      """)

  @Option(help: "Threads to read.")
  var sessions = 40_000

  @Option(help: "Turns in each thread.")
  var turns = 10

  @Option(help: "Times the threads are read.")
  var runs = 5

  @Option(help: "Directory for data, logs and reports; threads already in it are used again.")
  var dir = URL.temporaryDirectory.appending(path: "convoy-bench").path

  @OptionGroup var workers: MeasuredWorkers

  @OptionGroup var measured: MeasuredConvoy

  @Option(help: "The pipeline convoy runs.")
  var pipeline = "pipelines/legacy-threads.yaml"

  @Flag(help: "Compare a dry run that has a target with the load.")
  var againstLoad = false

  func validate() throws {
    guard sessions >= 1, turns >= 1, runs >= 1 else {
      throw ValidationError("--sessions, --turns and --runs must be at least 1")
    }
  }

  func run() async throws {
    let directory = URL(filePath: dir, directoryHint: .isDirectory).absoluteURL
    let logs = directory.appending(path: "logs")
    try FileManager.default.createDirectory(at: logs, withIntermediateDirectories: true)
    let documents = ThreadDocuments(sessions: sessions, turns: turns, files: 4, seed: 1)
    let inputBytes = try documents.makeUnlessKept(in: directory)
    guard !againstLoad else { return try await compare(inputBytes, in: directory) }
    let process = MeasuredProcess(
      command: [
        measured.path, "run", pipeline, "--dry-run",
        "--offline", "--input", directory.appending(path: "threads").path,
        "--report", directory.appending(path: "reports/dry-run").path,
      ] + (workers.count.map { ["--workers", "\($0)"] } ?? []),
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

  private func compare(_ inputBytes: Int, in directory: URL) async throws {
    print(
      "\(sessions) sessions, \(sessions * turns) messages, \(inputBytes) bytes of JSONL; "
        + "load average \(try LoadAverage.now())\npair  load s  dry run s   ratio")
    let pairs = try await DryRunComparison.pairs(
      runs, convoy: measured.path, pipeline: pipeline,
      workers: workers.count, in: directory
    ) { number, pair in
      print(
        number.description.padding(toLength: 4, withPad: " ", startingAt: 0)
          + ImportReport.fixed(pair.loadSeconds, width: 8)
          + ImportReport.fixed(pair.dryRunSeconds, width: 11)
          + ImportReport.fixed(pair.ratio, width: 8))
    }
    print(
      "dry run ÷ load   median    min    max\n" + String(repeating: " ", count: 14)
        + Spread(pairs.map(\.ratio)).text)
  }
}
