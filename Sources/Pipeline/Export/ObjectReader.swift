internal import Archive
internal import Subprocess

/// Reads what the objects of an archive hold, by way of the program that decrypts them where they are encrypted.
struct ObjectReader: Sendable {
  private static let pieceBytes = 1 << 20

  private let archive: ArchiveDirectory

  init(_ archive: ArchiveDirectory) { self.archive = archive }

  /// Reads one object.
  ///
  /// - Parameters:
  ///   - object: the object.
  ///   - body: gets its content in order, in pieces of at most 1 MiB. The bytes are verified only when this call
  ///     returns: what was made of them is to be thrown away if it throws.
  /// - Throws: ``RunError``, of kind `overBudget` for content that is not what the list says; `FileError`; what
  ///   the body throws.
  func read(
    _ object: ArchivedObject, _ body: (Span<UInt8>) throws(FileError) -> Void
  ) async throws {
    let path = archive.path(of: object)
    let file = try await archive.file(of: object)
    defer { withExtendedLifetime(file) {} }
    var hash = ContentHash()
    var count = 0
    if let stored = object.encrypted {
      (hash, count) = try await Decryption(archive).run(on: file.path, stored) { output in
        var (hash, count, failure) = (ContentHash(), 0, FileError?.none)
        for try await buffer in output {
          // What has no place to go is still taken, so that the program comes to its end.
          guard failure == nil else { continue }
          let bytes = Array(buffer)
          hash.update(bytes.span)
          count += bytes.count
          do throws(FileError) { try body(bytes.span) } catch { failure = error }
        }
        if let failure { throw failure }
        return (hash, count)
      }
    } else {
      var input = try InputFile(path: file.path)
      var bytes: [UInt8] = []
      while try input.read(into: &bytes, upTo: Self.pieceBytes) > 0 {
        hash.update(bytes.span)
        count += bytes.count
        try body(bytes.span)
        bytes.removeAll(keepingCapacity: true)
      }
    }
    guard StoredForm(bytes: count, sha256: hash.digest) == object.content else {
      throw RunError(.overBudget, "\(path): damaged, it is not as it was written")
    }
  }
}
