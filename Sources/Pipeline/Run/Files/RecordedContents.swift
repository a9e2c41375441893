internal import Archive
internal import Crypto

/// Holds what was recorded of files against the bytes that were found.
struct RecordedContents {
  private let contents: [HashedContent?]
  private let totals: RunTotals
  private let stop: StopSignal

  /// Takes the contents of files by their index; nil for those that were rejected.
  init(_ contents: [HashedContent?], _ totals: RunTotals, _ stop: StopSignal) {
    self.contents = contents
    self.totals = totals
    self.stop = stop
  }

  /// Compares sizes and hashes, and adds to each claim what came of it.
  ///
  /// Files whose MD5 was recorded are read once more for it, if they still have their size.
  /// - Throws: ``RunError`` for a signal.
  func compare(_ claims: inout FileClaims) throws(RunError) {
    var sums: [Int: [UInt8]] = [:]
    for index in claims.claims.indices where !claims.claims[index].recorded.isEmpty {
      let claim = claims.claims[index]
      guard let content = contents[claim.file] else { continue }
      try stop.check()
      var found = claim.recorded
      found.size = claim.recorded.size.map { _ in content.byteCount }
      found.sha256 = claim.recorded.sha256.map { _ in content.digest }
      if claim.recorded.md5 != nil {
        if found.size != claim.recorded.size {
          found.md5 = nil
        } else if let known = sums[claim.file] ?? md5(claims.files[claim.file].path, content) {
          sums[claim.file] = known
          found.md5 = known
        }
      }
      let differing = Self.differences(claim.recorded, found)
      if let md5 = claim.recorded.md5, found.md5 == md5 {
        claims.update(index) { claim in
          if !claim.metadata.isEmpty { claim.metadata.append(UInt8(ascii: ",")) }
          claim.metadata += Array("\"md5\":\"\(md5.hexadecimal)\"".utf8)
        }
      }
      guard !differing.isEmpty else { continue }
      let recorded = Self.json(claim.recorded, differing)
      claims.update(index) { $0.lists[.recorded, default: []].append(recorded) }
      totals.update {
        $0.findings.note(
          .fileRecordDiffers, at: claim.place, field: differing.first,
          "\(claim.path) has another \(differing.joined(separator: " and ")) than was recorded")
      }
    }
  }

  private static func differences(_ recorded: RecordedContent, _ found: RecordedContent) -> [String]
  {
    var differing: [String] = []
    if recorded.size != found.size { differing.append("size") }
    if recorded.md5 != found.md5 { differing.append("md5") }
    if recorded.sha256 != found.sha256 { differing.append("sha256") }
    return differing
  }

  /// An object of `metadata.recorded`.
  static func json(_ recorded: RecordedContent, _ differing: [String]) -> [UInt8] {
    let members = differing.map { name in
      switch name {
      case "size": "\"size\":\(recorded.size ?? 0)"
      case "md5": "\"md5\":\"\(recorded.md5?.hexadecimal ?? "")\""
      default: "\"sha256\":\"\(recorded.sha256?.hexadecimal ?? "")\""
      }
    }
    return Array("{\(members.joined(separator: ","))}".utf8)
  }

  /// The MD5 of a file in the state in which it was hashed.
  ///
  /// In another one, or where it cannot be read any more, it is for the upload to tell.
  private func md5(_ path: RawPath, _ content: HashedContent) -> [UInt8]? {
    do throws(FileError) {
      let file = try InputFile(regularFile: path)
      guard file.openedState == content.state else { return nil }
      var hash = Insecure.MD5()
      var blocks = BlockReader()
      while true {
        switch try blocks.next(of: file, into: []) {
        case .bytes(let bytes):
          guard !bytes.isEmpty else { return Array(hash.finalize()) }
          hash.update(data: bytes)
        case .zeros(let count): hash.update(data: [UInt8](repeating: 0, count: count))
        }
      }
    } catch {
      return nil
    }
  }
}

extension [UInt8] {
  /// Two small hexadecimal digits for each byte.
  fileprivate var hexadecimal: String {
    var digits: [UInt8] = []
    for byte in self { digits.append(hexadecimal: byte) }
    return String(decoding: digits, as: UTF8.self)
  }
}
