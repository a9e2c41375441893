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
    let reader = try MemberReader(part, of: archive)
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
    let path = archive.path(of: part)
    let key = try required()
    let read: Result<Int?, any Error>
    do {
      let program = CipherProgram(program: key.program, arguments: key.arguments(path))
      read = try await program.run(on: path) { running -> Result<Int?, any Error> in
        if let identity = key.input { _ = try await running.standardInputWriter.write(identity) }
        try await running.standardInputWriter.finish()
        var bytes = DecryptedBytes(running.standardOutput)
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
    } catch let error as RunError {
      // What is not as it was written is opened by no key.
      guard try StoredForm(ofFile: path) == part.stored else {
        throw RunError(.overBudget, "\(path): its bytes are not those that were written")
      }
      throw error
    }
    return try read.get()
  }

  private func required() throws(RunError) -> ArchiveKey {
    if let key = archive.key { return key }
    let encryption = archive.manifest.encryption
    throw RunError(
      .failed,
      "\(archive.path) is encrypted for \(encryption?.recipients.joined(separator: ", ") ?? "somebody")",
      hint: encryption?.program == .gpg
        ? "the keyring of gpg must have the secret key"
        : "--identity FILE names a file of age identities, \(ArchiveKeySearch.variable) holds the text of one"
    )
  }
}

extension ArchiveKey {
  fileprivate var program: ArchiveEncryption.Program {
    switch self {
    case .identityFile, .identity: .age
    case .keyring: .gpg
    }
  }

  /// What the program gets on its standard input.
  fileprivate var input: String? {
    switch self {
    case .identity(let text): text
    case .identityFile, .keyring: nil
    }
  }

  fileprivate func arguments(_ path: String) -> [String] {
    switch self {
    case .identityFile(let file): ["--decrypt", "--identity", file, "--", path]
    case .identity: ["--decrypt", "--identity", "-", "--", path]
    case .keyring: ["--batch", "--no-tty", "--quiet", "--decrypt", "--", path]
    }
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
