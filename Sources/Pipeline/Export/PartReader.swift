internal import Archive
internal import Subprocess

/// Reads the members of a part in order, by way of the program that decrypts them where they are encrypted.
struct PartReader: Sendable {
  private let part: ArchivedPart
  private let archive: ArchiveDirectory

  init(_ part: ArchivedPart, of archive: ArchiveDirectory) {
    self.part = part
    self.archive = archive
  }

  /// Reads members.
  ///
  /// An encrypted part is decrypted from its beginning, whichever members are needed; memory is one member.
  ///
  /// - Parameters:
  ///   - members: places of those asked for; nil for all.
  ///   - isNeeded: tells by the manifest alone which ones of them to give.
  ///   - body: gets a member's number, counted from 0, and its bytes as compressed; fewer than the manifest says
  ///     where the part is cut off in it.
  /// - Returns: bytes of the whole part, as compressed; nil where the last member needed is not the part's.
  /// - Throws: `FileError`, ``RunError``, what the body throws.
  @discardableResult
  func forEachMember(
    _ members: Range<Int>? = nil, where isNeeded: (ArchivedMember) -> Bool = { _ in true },
    _ body: (Int, [UInt8]) async throws -> Void
  ) async throws -> Int? {
    let members = members ?? part.members.indices
    guard part.encrypted == nil else { return try await decrypted(members, isNeeded, body) }
    let file = try await archive.file(of: part)
    let reader = try MemberReader(part, at: file.path)
    var offset = part.members[..<members.lowerBound].reduce(0) { $0 + $1.packedBytes }
    for index in members {
      let member = part.members[index]
      if isNeeded(member) { try await body(index, try reader.packedBytes(index, at: offset)) }
      offset += member.packedBytes
    }
    return reader.size
  }

  private func decrypted(
    _ members: Range<Int>, _ isNeeded: (ArchivedMember) -> Bool,
    _ body: (Int, [UInt8]) async throws -> Void
  ) async throws -> Int? {
    guard let last = members.last(where: { isNeeded(part.members[$0]) }) else { return nil }
    let file = try await archive.file(of: part)
    let read = try await Decryption(archive).run(
      on: file.path, part.stored, as: archive.path(of: part)
    ) {
      output -> Result<Int?, any Error> in
      var bytes = DecryptedBytes(output)
      for (index, member) in part.members.enumerated() {
        let packed = try await bytes.next(member.packedBytes)
        do {
          if members.contains(index), isNeeded(member) { try await body(index, packed) }
        } catch {
          guard packed.count < member.packedBytes else { throw error }
          // There is no more of it; if the program failed, that is why.
          return .failure(error)
        }
        // Taken to its end all the same: only then has the program seen whether the file is whole.
        if index == last { break }
      }
      let count = try await bytes.countToEnd()
      return .success(last + 1 == part.members.count ? count : nil)
    }
    // What holds a copy that is gone when nobody does.
    withExtendedLifetime(file) {}
    return try read.get()
  }
}

/// The output of a program, in pieces of the lengths asked for.
private struct DecryptedBytes {
  private var output: SubprocessOutputSequence.Iterator
  private var bytes: [UInt8] = []
  private var taken = 0

  init(_ output: SubprocessOutputSequence) { self.output = output.makeAsyncIterator() }

  /// The next bytes; fewer than asked for only at the end.
  mutating func next(_ count: Int) async throws -> [UInt8] {
    while bytes.count < count, let buffer = try await output.next() {
      bytes.append(contentsOf: Array(buffer))
    }
    let piece = Array(bytes.prefix(count))
    bytes.removeFirst(piece.count)
    taken += piece.count
    return piece
  }

  /// Reads what is left; the number of all bytes there were.
  mutating func countToEnd() async throws -> Int {
    var count = taken + bytes.count
    while let buffer = try await output.next() { count += buffer.count }
    return count
  }
}
