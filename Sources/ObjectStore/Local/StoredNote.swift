internal import Foundation

/// What a local store keeps of an object beside its bytes, in a file of its own.
///
/// Extended attributes would be in the object's own file, but file systems and the programs that copy, pack
/// and restore directories lose them without a word. So a note may be missing or of an earlier content: it
/// counts only while size and modification time are the object's.
struct StoredNote: Codable {
  let key: String
  let size: Int
  let modificationTimeNanoseconds: Int64
  let sha256: String
  let mediaType: String

  init(_ upload: ObjectUpload, stored: FileIdentity) {
    key = upload.key.text
    size = stored.size
    modificationTimeNanoseconds = stored.modificationTimeNanoseconds
    sha256 = upload.digest.description
    mediaType = upload.mediaType
  }

  func isAbout(_ object: FileIdentity, _ key: ObjectKey) -> Bool {
    self.key == key.text && size == object.size
      && modificationTimeNanoseconds == object.modificationTimeNanoseconds
  }

  /// Directory and file of a key's note: a hash, because any name in a path may be a file's and a directory's.
  static func path(of key: ObjectKey) -> (directory: Substring, name: String) {
    let name = ContentDigest(of: Array(key.text.utf8)).description
    return (name.prefix(2), "\(name).json")
  }

  func encoded() throws(ObjectStoreError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return Array(try encoder.encode(self))
    } catch {
      throw ObjectStoreError(.invalidKey, key: key, place: "")
    }
  }

  /// Reads a note; nil if it is damaged.
  init?(_ bytes: [UInt8]) {
    // A note that cannot be read is as good as none: the object itself is read instead.
    guard let note = try? JSONDecoder().decode(Self.self, from: Data(bytes)) else { return nil }
    self = note
  }
}
