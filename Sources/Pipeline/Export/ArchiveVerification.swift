public import Archive

/// Reads parts back and compares every byte with what the manifest says.
public struct ArchiveVerification: Sendable {
  /// Something that is not as it was written.
  public struct Damage: Sendable, Hashable, CustomStringConvertible {
    /// The part's file.
    public let file: String
    /// The member, counted from 1; nil where it is no single one.
    public let member: Int?
    /// What is wrong.
    public let problem: String

    /// The file, the member and what is wrong.
    public var description: String {
      "\(file): " + (member.map { "member \($0): " } ?? "") + problem
    }
  }

  private let archive: ArchiveDirectory

  /// Prepares to verify an archive.
  public init(_ archive: ArchiveDirectory) { self.archive = archive }

  /// The parts of an archive, or a share of them.
  ///
  /// - Parameters:
  ///   - share: one in how many; another one each day, so that in as many days every part has its turn.
  ///   - day: days since any fixed date.
  /// - Returns: the parts whose turn it is.
  public func parts(oneIn share: Int = 1, day: Int = 0) -> [ArchivedPart] {
    let all = archive.manifest.tables.flatMap(\.parts)
    return all.enumerated().filter { $0.offset % share == day % share }.map(\.element)
  }

  /// Verifies parts, several at a time.
  ///
  /// - Parameters:
  ///   - parts: which.
  ///   - progress: told the packed bytes and rows of each part behind it.
  /// - Returns: all damage, in the order of the parts.
  /// - Throws: nothing but `CancellationError`; a file that cannot be read is damage.
  public func damages(
    _ parts: [ArchivedPart], progress: @escaping @Sendable (_ bytes: Int, _ rows: Int) -> Void
  ) async throws -> [Damage] {
    var found: [Int: [Damage]] = [:]
    try await withThrowingTaskGroup(of: (Int, [Damage]).self) { group in
      for (index, part) in parts.enumerated() {
        if index >= ExportPlan.window, let (done, damages) = try await group.next() {
          found[done] = damages
        }
        group.addTask {
          let damages = damages(part)
          progress(part.packedBytes, part.rows)
          return (index, damages)
        }
      }
      for try await (index, damages) in group { found[index] = damages }
    }
    return parts.indices.flatMap { found[$0] ?? [] }
  }

  /// Marks the archive as verified as a whole.
  ///
  /// - Throws: ``RunError``.
  public func mark() throws(RunError) {
    try RunError.onFiles { () throws(FileError) in
      try VerifiedMark.write(to: archive.path, at: RunReport.timestamp())
    }
  }

  /// Takes the mark back.
  ///
  /// - Throws: ``RunError``.
  public func unmark() throws(RunError) {
    try RunError.onFiles { () throws(FileError) in try VerifiedMark.remove(from: archive) }
  }

  private func damages(_ part: ArchivedPart) -> [Damage] {
    func damage(_ member: Int?, _ problem: String) -> Damage {
      Damage(file: part.file, member: member, problem: problem)
    }
    var damages: [Damage] = []
    do throws(FileError) {
      let reader = try MemberReader(part, of: archive)
      var hash = ContentHash()
      var offset = 0
      for (index, member) in part.members.enumerated() {
        let packed = try reader.packedBytes(index, at: offset)
        hash.update(packed.span)
        offset += member.packedBytes
        guard packed.count == member.packedBytes else {
          return damages + [damage(index + 1, "the file ends in it, at byte \(reader.size)")]
        }
        if MemberReader.rows(packed, of: member) == nil {
          damages.append(damage(index + 1, "its bytes are not those that were written"))
        }
      }
      if reader.size != part.packedBytes {
        damages.append(
          damage(nil, "\(reader.size - part.packedBytes) bytes follow the last member"))
      } else if damages.isEmpty, hash.digest != part.packedSHA256 {
        damages.append(damage(nil, "bits that carry no data are not those that were written"))
      }
    } catch {
      damages.append(damage(nil, error.description))
    }
    return damages
  }
}
