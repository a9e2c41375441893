internal import Archive

/// What an upload needs to know of a file that was hashed.
struct UploadSource {
  let path: String
  let device: UInt64
  let inode: UInt64
  let size: Int
  let modificationTimeNanoseconds: Int64
  let sum: UInt64?
  let mediaType: String

  /// Looks at the first bytes of a file.
  ///
  /// - Throws: `FileError` when it cannot be read; nil stands for a file without a state.
  init?(_ path: RawPath, _ content: HashedContent) throws(FileError) {
    guard let state = content.state, let text = path.validText else { return nil }
    let file = try InputFile(regularFile: path)
    let head = try file.bytes(at: 0, upTo: MediaType.headBytes)
    self.path = text
    device = state.device
    inode = state.inode
    size = state.size
    modificationTimeNanoseconds = state.modificationTimeNanoseconds
    sum = content.sum
    mediaType = MediaType.of(head: head[...], name: path.lastComponent)
  }

  /// The media type of what is in memory under a name.
  static func mediaType(_ bytes: [UInt8], _ name: RawPath) -> String {
    MediaType.of(head: bytes.prefix(MediaType.headBytes), name: name.lastComponent)
  }

  /// The error number where the file cannot be read.
  static func read(_ path: RawPath, _ content: HashedContent) -> (UploadSource?, errno: Int32) {
    do throws(FileError) {
      return (try UploadSource(path, content), 0)
    } catch {
      return (nil, error.errno)
    }
  }
}
