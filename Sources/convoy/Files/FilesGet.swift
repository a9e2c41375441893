internal import Archive
internal import ArgumentParser
internal import Foundation
internal import Pipeline

struct FilesGet: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "get",
    abstract: "Bring a file back out of the bucket or an archive, verified.",
    discussion: """
      The file appears only once all of it is there and has the SHA-256 its row tells of. Out of an \
      archive, neither database nor bucket is needed.

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

  @Option(
    help: ArgumentHelp(
      "Bring it back, by its path, out of this archive, which keeps objects too.",
      valueName: "dir"))
  var archive: String?

  @OptionGroup var identity: IdentityOption

  func validate() throws {
    guard archive != nil else {
      guard identity.identity == nil else {
        throw ValidationError("--identity goes with --archive only")
      }
      return
    }
    guard
      [pipeline, place.store, place.bucket, place.target.target].allSatisfy({ $0 == nil })
    else {
      throw ValidationError("an archive needs no --pipeline, --store, --bucket or --target")
    }
  }

  func run() async throws {
    try await reporting("files get") {
      if let archive { return try await get(outOf: try await identity.open(archive)) }
      let place = try await place.open(pipeline: pipeline)
      let retrieval = FileRetrieval(
        place.store, bucket: place.plan.bucket, target: place.target)
      let subject = try await retrieval.find(name)
      let path = try freePath(named: subject.filename)
      let bytes = try await retrieval.retrieve(subject, to: path)
      print("\(path): \(ArchiveText.size(bytes))")
    }
  }

  private func get(outOf archive: ArchiveDirectory) async throws {
    let retrieval = ObjectRetrieval(archive)
    let object = try await retrieval.find(name)
    let path = try freePath(named: name.split(separator: "/").last.map(String.init) ?? "file")
    try await retrieval.retrieve(object, to: path)
    print("\(path): \(ArchiveText.size(object.bytes))")
  }

  /// Where the file goes, which is not the name of another one unless that was asked for.
  private func freePath(named filename: String) throws(RunError) -> String {
    let path = output ?? filename
    guard output != nil || !FileManager.default.fileExists(atPath: path) else {
      throw RunError(
        .fileAccess, "\(path): is there already", hint: "name another file with -o FILE")
    }
    return path
  }
}
