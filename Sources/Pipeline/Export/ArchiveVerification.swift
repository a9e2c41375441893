public import Archive

/// Reads parts back and compares every byte with what the manifest says; of encrypted parts, what is inside only
/// where the archive has its key.
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
  ///   - progress: told the bytes and rows of each part behind it.
  /// - Returns: all damage, in the order of the parts.
  /// - Throws: ``RunError`` where the key does not open a part that is as it was written, or the program for it
  ///   is missing; a file that cannot be read is damage.
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
          let damages = try await damages(part)
          progress(part.stored.bytes, part.rows)
          return (index, damages)
        }
      }
      for try await (index, damages) in group { found[index] = damages }
    }
    return parts.indices.flatMap { found[$0] ?? [] }
  }

  /// The objects of the archive, each content once, or a share of them.
  ///
  /// - Parameters:
  ///   - share: as of ``parts(oneIn:day:)``.
  ///   - day: the same.
  /// - Returns: the objects, and damage of the list that names them.
  /// - Throws: ``RunError`` where a bucket cannot be read.
  public func objects(oneIn share: Int = 1, day: Int = 0) async throws -> (
    objects: [ArchivedObject], damages: [Damage]
  ) {
    do {
      var seen: Set<StoredForm> = []
      let all = try await archive.objects().filter { seen.insert($0.stored).inserted }
      return (all.enumerated().filter { $0.offset % share == day % share }.map(\.element), [])
    } catch let error as RunError where error.kind == .overBudget || archive.access == nil {
      let damage = Damage(
        file: ArchivedObjects.fileName, member: nil, problem: "not as it was written, or not there")
      return ([], [damage])
    }
  }

  /// Verifies objects, several at a time.
  ///
  /// - Parameters:
  ///   - objects: which.
  ///   - progress: told the bytes of each behind it.
  /// - Returns: all damage, in the order of the objects.
  /// - Throws: as for parts.
  public func damages(
    _ objects: [ArchivedObject], progress: @escaping @Sendable (_ bytes: Int) -> Void
  ) async throws -> [Damage] {
    let queue = JobQueue(Array(objects.indices))
    let found = Guarded<[Int: Damage]>([:])
    try await withThrowingTaskGroup { group in
      for _ in 0..<min(ExportPlan.window, objects.count) {
        group.addTask {
          while let index = queue.next() {
            guard !Task.isCancelled else { return }
            if let damage = try await damage(objects[index]) { found.update { $0[index] = damage } }
            progress(objects[index].bytes)
          }
        }
      }
      try await group.waitForAll()
    }
    return objects.indices.compactMap { found.current[$0] }
  }

  private func damage(_ object: ArchivedObject) async throws -> Damage? {
    let digest = object.stored.sha256.hex
    func damage(_ problem: String) -> Damage {
      let file = object.reference ?? "objects/\(digest.prefix(2))/\(digest)"
      return Damage(file: "../\(file)", member: nil, problem: problem)
    }
    let other = "its bytes are not those of \(object.bucket)/\(object.path)"
    do {
      let file = try await archive.file(of: object)
      defer { withExtendedLifetime(file) {} }
      guard try StoredForm(ofFile: file.path) == object.stored else { return damage(other) }
      if object.encrypted != nil, archive.key != nil {
        try await ObjectReader(archive).read(object) { _ in }
      }
      return nil
    } catch let error as FileError {
      return damage(error.description)
    } catch let error as RunError where error.kind == .overBudget {
      return damage(other)
    }
  }

  /// Marks the archive as verified as a whole.
  ///
  /// - Throws: ``RunError``.
  public func mark() async throws {
    if let access = archive.access { return try await access.mark(true) }
    try RunError.onFiles { () throws(FileError) in
      try VerifiedMark.write(to: archive.path, at: RunReport.timestamp())
    }
  }

  /// Takes the mark back.
  ///
  /// - Throws: ``RunError``.
  public func unmark() async throws {
    if let access = archive.access { return try await access.mark(false) }
    try RunError.onFiles { () throws(FileError) in try VerifiedMark.remove(from: archive) }
  }

  private func damages(_ part: ArchivedPart) async throws -> [Damage] {
    func damage(_ member: Int?, _ problem: String) -> Damage {
      Damage(file: part.file, member: member, problem: problem)
    }
    do {
      if let encrypted = part.encrypted {
        let file = try await archive.file(of: part)
        let found = try StoredForm(ofFile: file.path)
        withExtendedLifetime(file) {}
        guard found.bytes == encrypted.bytes else {
          return [damage(nil, "\(found.bytes) bytes, \(encrypted.bytes) were written")]
        }
        guard found == encrypted else {
          return [damage(nil, "its bytes are not those that were written")]
        }
        guard archive.key != nil else { return [] }
      }
      var damages: [Damage] = []
      var hash = ContentHash()
      var cut: Int?
      let size = try await PartReader(part, of: archive).forEachMember { index, packed in
        guard cut == nil else { return }
        hash.update(packed.span)
        let member = part.members[index]
        if packed.count < member.packedBytes {
          cut = index + 1
        } else if MemberReader.rows(packed, of: member) == nil {
          damages.append(damage(index + 1, "its bytes are not those that were written"))
        }
      }
      let extra = (size ?? 0) - part.packedBytes
      if let cut {
        damages.append(damage(cut, "the file ends in it, at byte \(size ?? 0)"))
      } else if extra != 0 {
        damages.append(damage(nil, "\(extra) bytes follow the last member"))
      } else if damages.isEmpty, hash.digest != part.packedSHA256 {
        damages.append(damage(nil, "bits that carry no data are not those that were written"))
      }
      return damages
    } catch let error as FileError {
      return [damage(nil, error.description)]
    } catch let error as RunError where error.kind == .overBudget && archive.access != nil {
      return [damage(nil, "not in the bucket as it was written")]
    }
  }
}
