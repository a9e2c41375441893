internal import ArgumentParser
internal import Foundation
internal import StorageServer

/// The server of a comparison; its address is all it prints, and it ends with its standard input.
struct UploadServer: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "server", shouldDisplay: false)

  @Argument var directory: String

  func run() throws {
    let server = try StorageServer(directory: directory)
    FileHandle.standardOutput.write(Data("\(server.address)\n".utf8))
    while readLine() != nil {}
    server.stop()
  }
}
