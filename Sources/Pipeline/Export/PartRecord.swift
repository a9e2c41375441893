internal import Archive

/// What the manifest will say of a part, put together member by member.
struct PartRecord {
  private(set) var members: [ArchivedMember] = []
  private(set) var checksum = UInt128(0)
  private var rawHash = ContentHash()
  private var rawBytes = 0
  private var bounds = RowRenderer.Bounds()

  /// Takes in the next member, whose gzip member has so many bytes.
  mutating func add(_ member: PackedMember, packedBytes: Int) {
    rawHash.update(member.raw.span)
    rawBytes += member.raw.count
    checksum &+= member.checksum
    bounds.add(member.bounds)
    members.append(
      ArchivedMember(
        rows: member.bounds.rows, rawBytes: member.raw.count, packedBytes: packedBytes,
        rawSHA256: member.digest, packedSHA256: member.packedDigest, keys: member.bounds.keys,
        times: member.bounds.times))
  }

  /// The part, once its file is there.
  func part(
    _ name: String, firstBlock: Int, isLinked: Bool, packed: StoredForm,
    encrypted: StoredForm? = nil
  ) -> ArchivedPart {
    ArchivedPart(
      file: name, firstBlock: firstBlock, rows: bounds.rows, rawBytes: rawBytes,
      packedBytes: packed.bytes, rawSHA256: rawHash.digest, packedSHA256: packed.sha256,
      keys: bounds.keys, times: bounds.times, isLinked: isLinked, members: members,
      encrypted: encrypted)
  }
}

extension RowRenderer.Bounds {
  /// Takes in further rows.
  mutating func add(_ other: RowRenderer.Bounds) {
    rows += other.rows
    leastKey = min(leastKey, other.leastKey)
    greatestKey = max(greatestKey, other.greatestKey)
    leastTime = min(leastTime, other.leastTime)
    greatestTime = max(greatestTime, other.greatestTime)
  }

  /// The least and the greatest key, as they stand in the rows.
  var keys: ArchivedRange? {
    guard leastKey <= greatestKey else { return nil }
    return ArchivedRange(least: Self.uuid(leastKey), greatest: Self.uuid(greatestKey))
  }

  /// The least and the greatest time, as they stand in the rows.
  var times: ArchivedRange? {
    guard leastTime <= greatestTime else { return nil }
    return ArchivedRange(least: Self.time(leastTime), greatest: Self.time(greatestTime))
  }

  private static func uuid(_ key: UInt128) -> String {
    let digits = Array(key.hex.utf8)
    let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map {
      String(decoding: digits[$0], as: UTF8.self)
    }
    return groups.joined(separator: "-")
  }

  private static func time(_ microseconds: Int64) -> String {
    var text: [UInt8] = []
    text.append(timestamp: microseconds, suffix: "+00:00")
    return String(decoding: text.dropFirst().dropLast(), as: UTF8.self)
  }
}
