internal import ArgumentParser
internal import Foundation

struct UploadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "upload",
    abstract:
      "Compare uploads to Supabase Storage with curl -T, 4 at a time, to a server on loopback.",
    discussion: """
      The server answers as Storage does, in a process of its own, and writes what it gets to a file. Runs in \
      pairs of which each begins with the other tool. Files of more than 6 MiB go in chunks, as the hosted \
      service wants them; curl sends them whole. convoy compares each file while it sends it with what was hashed before, by a sum; curl looks at nothing.
      """,
    subcommands: [UploadServer.self, UploadSender.self])

  @Option(help: "Files of 6 MiB.")
  var files = 64

  @Option(help: "Files of 48 MiB.")
  var largeFiles = 8

  @Option(help: "Files of 16 KiB.")
  var smallFiles = 2_000

  @Option(help: "Times each tool runs.")
  var pairs = 5

  @Option(help: "Directory for the files, and for what the server gets, which is removed.")
  var dir = URL.temporaryDirectory.appending(path: "convoy-bench-upload").path

  @Flag(help: "Print one JSON object instead of a table.")
  var json = false

  func validate() throws {
    guard files >= 0, largeFiles >= 0, smallFiles >= 0, pairs >= 1 else {
      throw ValidationError("--pairs must be at least 1, and no number of files below 0")
    }
  }

  func run() async throws {
    let directory = URL(filePath: dir, directoryHint: .isDirectory).absoluteURL
    try directory.makeEmptied(["logs"])
    let load = try LoadAverage.now()
    var jobs: [UploadReport.Job] = []
    for (title, count, bytes) in [
      ("files of 6 MiB", files, 6 << 20), ("files of 48 MiB", largeFiles, 48 << 20),
      ("files of 16 KiB", smallFiles, 16 << 10),
    ] where count > 0 {
      let comparison = UploadComparison(
        title: title, files: try UploadFiles(directory, count: count, bytes: bytes).make(),
        directory: directory)
      jobs.append(try comparison.run(pairs: pairs))
    }
    let report = UploadReport(loadAverage: load, jobs: jobs)
    print(json ? try report.json() : report.text)
  }
}
