internal import Crypto

/// What stands for a record's place in its id where places change and nothing else tells records apart.
enum RecordDigest {
  /// The first 48 bits of SHA-256.
  static func occurrence(_ bytes: [UInt8]) -> Int {
    SHA256.hash(data: bytes).prefix(6).reduce(0) { $0 << 8 | Int($1) }
  }
}

extension ArraySlice<UInt8> {
  /// JSON without the white space between its tokens.
  var withoutSpace: [UInt8] {
    var scanner = DepthScanner()
    return filter { byte in
      let isInString = scanner.inString
      scanner.step(byte)
      return isInString || !isJSONSpace(byte)
    }
  }
}
