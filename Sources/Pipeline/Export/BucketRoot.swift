/// Archives in a bucket, as `store:BUCKET` or `store:BUCKET/PREFIX`: keys are `PREFIX/<UTC time>/<file>`.
public struct BucketRoot: Sendable, Hashable, CustomStringConvertible {
  private static let scheme = "store:"

  /// The bucket, which holds nothing but archives.
  public let bucket: String
  /// What every key begins with: empty, or with a slash at its end.
  let prefix: String

  /// Reads a text; nil where it names a directory.
  ///
  /// - Throws: ``RunError`` of kind `badPipeline` where it names no bucket.
  public init?(_ text: String) throws(RunError) {
    guard text.hasPrefix(Self.scheme) else { return nil }
    let segments = text.dropFirst(Self.scheme.count)
      .split(separator: "/", omittingEmptySubsequences: false)
    let rest = segments.dropFirst()
    let isPlain = segments.allSatisfy { segment in
      !segment.isEmpty && segment != "." && segment != ".."
        && segment.utf8.allSatisfy(Self.isAllowed)
    }
    guard let bucket = segments.first, isPlain else {
      throw RunError(
        .badPipeline, "\(text): names no bucket of archives",
        hint: "store:BUCKET or store:BUCKET/PREFIX, of letters, digits and -._")
    }
    self.bucket = String(bucket)
    prefix = rest.map { "\($0)/" }.joined()
  }

  /// As it was written.
  public var description: String {
    Self.scheme + bucket + (prefix.isEmpty ? "" : "/\(prefix.dropLast())")
  }

  /// The root and the name of an archive of it, as `store:BUCKET/PREFIX/<UTC time>`.
  ///
  /// - Returns: nil where there is no name at its end.
  var archive: (root: BucketRoot, name: String)? {
    let segments = description.split(separator: "/")
    guard let name = segments.last.map(String.init), segments.count > 1 else { return nil }
    // What is left of a root is one too.
    guard let root = try? BucketRoot(segments.dropLast().joined(separator: "/")) else { return nil }
    return (root, name)
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
