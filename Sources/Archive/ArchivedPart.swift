/// One gzip file of an archive: the rows of a range of a table's blocks.
public struct ArchivedPart: Sendable, Hashable, Codable {
  /// Its name in the archive's directory.
  public var file: String
  /// The partition whose blocks it covers, with its schema where that is not `public`; nil in a table of its own.
  public var partition: String?
  /// The first block of the table or partition it covers.
  public var firstBlock: Int
  /// Rows in it.
  public var rows: Int
  /// Bytes before compression.
  public var rawBytes: Int
  /// Bytes behind compression; those of the file, unless it is encrypted.
  public var packedBytes: Int
  /// SHA-256 of the bytes before compression.
  public var rawSHA256: ContentDigest
  /// SHA-256 of the bytes behind compression.
  public var packedSHA256: ContentDigest
  /// The file's bytes where it is encrypted.
  public var encrypted: StoredForm?
  /// Least and greatest key of its rows; nil where the table has no key that is known to be one.
  public var keys: ArchivedRange?
  /// Least and greatest `created_at` of its rows; nil where there is none.
  public var times: ArchivedRange?
  /// Whether the file is that of an earlier archive, under a second name or by reference.
  public var isLinked: Bool
  /// In a bucket, the object of the earlier archive that it is, as `<archive>/<file>`; nil where the file is the
  /// archive's own.
  public var reference: String?
  /// The gzip members it is made of, in order.
  public var members: [ArchivedMember]

  /// Makes a part.
  public init(
    file: String, firstBlock: Int, rows: Int, rawBytes: Int, packedBytes: Int,
    rawSHA256: ContentDigest, packedSHA256: ContentDigest, keys: ArchivedRange?,
    times: ArchivedRange?, isLinked: Bool, members: [ArchivedMember], encrypted: StoredForm? = nil
  ) {
    self.file = file
    self.firstBlock = firstBlock
    self.rows = rows
    self.rawBytes = rawBytes
    self.packedBytes = packedBytes
    self.rawSHA256 = rawSHA256
    self.packedSHA256 = packedSHA256
    self.keys = keys
    self.times = times
    self.isLinked = isLinked
    self.members = members
    self.encrypted = encrypted
  }

  /// The bytes of the file.
  public var stored: StoredForm {
    encrypted ?? StoredForm(bytes: packedBytes, sha256: packedSHA256)
  }

  /// The file, seen from the archive's directory.
  var relativePath: String { reference.map { "../\($0)" } ?? file }
}

/// One gzip member: whole rows.
public struct ArchivedMember: Sendable, Hashable, Codable {
  /// Rows in it.
  public var rows: Int
  /// Bytes before compression.
  public var rawBytes: Int
  /// Bytes behind compression.
  public var packedBytes: Int
  /// SHA-256 of the bytes before compression.
  public var rawSHA256: ContentDigest
  /// SHA-256 of the bytes behind compression, which are fewer to look at; nil in older archives.
  public var packedSHA256: ContentDigest?
  /// Least and greatest key of its rows; nil where the table has no key that is known to be one.
  public var keys: ArchivedRange?
  /// Least and greatest `created_at` of its rows; nil where there is none.
  public var times: ArchivedRange?

  /// Makes a member.
  public init(
    rows: Int, rawBytes: Int, packedBytes: Int, rawSHA256: ContentDigest,
    packedSHA256: ContentDigest?, keys: ArchivedRange?, times: ArchivedRange?
  ) {
    self.rows = rows
    self.rawBytes = rawBytes
    self.packedBytes = packedBytes
    self.rawSHA256 = rawSHA256
    self.packedSHA256 = packedSHA256
    self.keys = keys
    self.times = times
  }
}

/// The least and the greatest of some values, as they stand in the rows.
public struct ArchivedRange: Sendable, Hashable, Codable {
  /// The least.
  public var least: String
  /// The greatest.
  public var greatest: String

  /// Makes a range.
  public init(least: String, greatest: String) {
    self.least = least
    self.greatest = greatest
  }
}
