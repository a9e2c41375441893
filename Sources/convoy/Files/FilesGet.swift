internal import ArgumentParser
internal import Foundation
internal import Pipeline

struct FilesGet: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "get",
    abstract: "Bring a file back out of the bucket, verified.",
    discussion: """
      The file appears only once all of it is there and has the SHA-256 its row tells of.

      Exit status: 0 done, 1 failed or there is no such file, 64 usage, 65 the stored bytes are damaged, \
      69 database or storage unreachable, 74 file I/O, 78 bad pipeline file.
      """)

  @Argument(help: ArgumentHelp("Id of its row, or its path in the bucket.", valueName: "id|path"))
  var name: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      """
      Where it goes; a file there is replaced. Default: its own name, in the working directory, if there \
      is none of that name.
      """, valueName: "file"))
  var output: String?

  @Option(help: "The pipeline that stored it; names store and target.")
  var pipeline: String?

  @OptionGroup var place: StoreOptions

  func run() async throws {
    try await reporting("files get") {
      let place = try await place.open(pipeline: pipeline)
      let retrieval = FileRetrieval(
        place.store, bucket: place.plan.bucket, target: place.target)
      let subject = try await retrieval.find(name)
      let path = output ?? subject.filename
      guard output != nil || !FileManager.default.fileExists(atPath: path) else {
        throw RunError(
          .fileAccess, "\(path): is there already", hint: "name another file with -o FILE")
      }
      let bytes = try await retrieval.retrieve(subject, to: path)
      print("\(path): \(ArchiveText.size(bytes))")
    }
  }
}
