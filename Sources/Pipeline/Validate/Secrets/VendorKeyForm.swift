/// A key that says by its beginning who gave it out.
///
/// Beginnings and lengths are those the vendors document, or those of keys they gave out.
struct VendorKeyForm {
  var kind: SecretKind
  /// Where the key begins.
  var start: Int
  /// Where what is secret of it begins.
  var body: Int
  /// Least characters of the body.
  var length: Int
  /// Whether `-` and `_` go on the body; letters and digits always do.
  var hasDashes = true

  /// The form whose beginning ends in, or holds, the `-` at `anchor`.
  static func dashed(
    at anchor: Int, _ bytes: borrowing Span<UInt8>, _ range: Range<Int>
  ) -> VendorKeyForm? {
    guard anchor >= range.lowerBound + 2 else { return nil }
    switch (bytes[anchor - 2], bytes[anchor - 1]) {
    case (UInt8(ascii: "s"), UInt8(ascii: "k")):
      let isAnthropic = bytes.reads("sk-ant-", at: anchor - 2, within: range)
      return VendorKeyForm(
        kind: isAnthropic ? .anthropicKey : .openAIKey, start: anchor - 2, body: anchor + 1,
        length: 20)
    case (UInt8(ascii: "a"), UInt8(ascii: "t")):
      guard bytes.reads("glpat-", at: anchor - 5, within: range) else { return nil }
      return VendorKeyForm(kind: .gitlabToken, start: anchor - 5, body: anchor + 1, length: 20)
    case (UInt8(ascii: "x"), UInt8(ascii: "a")), (UInt8(ascii: "x"), UInt8(ascii: "b")),
      (UInt8(ascii: "x"), UInt8(ascii: "p")), (UInt8(ascii: "x"), UInt8(ascii: "r")),
      (UInt8(ascii: "x"), UInt8(ascii: "s")):
      guard bytes.reads("xox", at: anchor - 4, within: range) else { return nil }
      return VendorKeyForm(kind: .slackToken, start: anchor - 4, body: anchor + 1, length: 10)
    case (UInt8(ascii: "a"), UInt8(ascii: "i")):
      guard bytes.reads("xai-", at: anchor - 3, within: range) else { return nil }
      return VendorKeyForm(kind: .apiKey, start: anchor - 3, body: anchor + 1, length: 60)
    case (UInt8(ascii: "l"), UInt8(ascii: "x")):
      guard bytes.reads("pplx-", at: anchor - 4, within: range) else { return nil }
      return VendorKeyForm(kind: .apiKey, start: anchor - 4, body: anchor + 1, length: 40)
    case (UInt8(ascii: "p"), UInt8(ascii: "i")):
      guard bytes.reads("pypi-AgE", at: anchor - 4, within: range) else { return nil }
      return VendorKeyForm(kind: .apiKey, start: anchor - 4, body: anchor + 1, length: 50)
    default: return nil
    }
  }

  /// The form whose beginning holds the `_` at `anchor`.
  static func underlined(
    at anchor: Int, _ bytes: borrowing Span<UInt8>, _ range: Range<Int>
  ) -> VendorKeyForm? {
    guard anchor >= range.lowerBound + 2 else { return nil }
    switch (bytes[anchor - 2], bytes[anchor - 1]) {
    case (UInt8(ascii: "h"), UInt8(ascii: "p")), (UInt8(ascii: "h"), UInt8(ascii: "o")),
      (UInt8(ascii: "h"), UInt8(ascii: "u")), (UInt8(ascii: "h"), UInt8(ascii: "s")),
      (UInt8(ascii: "h"), UInt8(ascii: "r")):
      guard bytes.reads("gh", at: anchor - 3, within: range) else { return nil }
      return VendorKeyForm(
        kind: .githubToken, start: anchor - 3, body: anchor + 1, length: 36, hasDashes: false)
    case (UInt8(ascii: "u"), UInt8(ascii: "b")):
      guard bytes.reads("github_pat_", at: anchor - 6, within: range) else { return nil }
      return VendorKeyForm(kind: .githubToken, start: anchor - 6, body: anchor + 5, length: 22)
    case (UInt8(ascii: "h"), UInt8(ascii: "f")):
      return VendorKeyForm(
        kind: .huggingFaceToken, start: anchor - 2, body: anchor + 1, length: 30, hasDashes: false)
    case (UInt8(ascii: "b"), UInt8(ascii: "p")):
      guard bytes.reads("sbp_", at: anchor - 3, within: range) else { return nil }
      return VendorKeyForm(
        kind: .supabaseKey, start: anchor - 3, body: anchor + 1, length: 40, hasDashes: false)
    case (UInt8(ascii: "s"), UInt8(ascii: "b")):
      guard bytes.reads("sb_secret_", at: anchor - 2, within: range) else { return nil }
      return VendorKeyForm(kind: .supabaseKey, start: anchor - 2, body: anchor + 8, length: 20)
    case (UInt8(ascii: "s"), UInt8(ascii: "k")), (UInt8(ascii: "r"), UInt8(ascii: "k")):
      if bytes.reads("gsk_", at: anchor - 3, within: range) {
        return VendorKeyForm(
          kind: .apiKey, start: anchor - 3, body: anchor + 1, length: 40, hasDashes: false)
      }
      guard
        bytes.reads("live_", at: anchor + 1, within: range)
          || bytes.reads("test_", at: anchor + 1, within: range)
      else { return nil }
      return VendorKeyForm(
        kind: .stripeKey, start: anchor - 2, body: anchor + 6, length: 16, hasDashes: false)
    case (UInt8(ascii: "p"), UInt8(ascii: "m")):
      guard bytes.reads("npm_", at: anchor - 3, within: range) else { return nil }
      return VendorKeyForm(
        kind: .apiKey, start: anchor - 3, body: anchor + 1, length: 36, hasDashes: false)
    case (UInt8(ascii: "r"), UInt8(ascii: "8")):
      return VendorKeyForm(
        kind: .apiKey, start: anchor - 2, body: anchor + 1, length: 37, hasDashes: false)
    default: return nil
    }
  }

  /// The form whose beginning holds the `I` at `anchor`.
  static func capital(
    at anchor: Int, _ bytes: borrowing Span<UInt8>, _ range: Range<Int>
  ) -> VendorKeyForm? {
    guard anchor + 1 < range.upperBound else { return nil }
    switch bytes[anchor + 1] {
    case UInt8(ascii: "A"):
      guard
        bytes.reads("AKIA", at: anchor - 2, within: range)
          || bytes.reads("ASIA", at: anchor - 2, within: range)
      else { return nil }
      return VendorKeyForm(
        kind: .awsKey, start: anchor - 2, body: anchor + 2, length: 16, hasDashes: false)
    case UInt8(ascii: "z"):
      guard bytes.reads("AIza", at: anchor - 1, within: range) else { return nil }
      return VendorKeyForm(kind: .googleKey, start: anchor - 1, body: anchor + 3, length: 35)
    default: return nil
    }
  }

  /// The key, if what follows its beginning is one.
  func secret(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) -> Secret? {
    guard bytes.isWordStart(start, within: range) else { return nil }
    var end = body
    var (run, longestRun, digits, letters) = (0, 0, 0, 0)
    while end < range.upperBound {
      let byte = bytes[end]
      guard byte.isASCIIWord || hasDashes && byte.isKeyCharacter else { break }
      run = byte.isASCIIWord ? run + 1 : 0
      longestRun = max(longestRun, run)
      if byte.isASCIIDigit { digits += 1 } else if byte.isASCIIWord { letters += 1 }
      end += 1
    }
    // Words joined by dashes are no key, and neither is a row of one character.
    guard end - body >= length, longestRun >= min(length, 10), digits > 0, letters > 0,
      !isUniform(bytes, end), kind != .awsKey || end - body == length
    else { return nil }
    return Secret(kind: kind, range: start..<end)
  }

  /// Whether the body is one character again and again, as in `sk-xxxxxxxx`.
  private func isUniform(_ bytes: borrowing Span<UInt8>, _ end: Int) -> Bool {
    for place in body + 1..<end where bytes[place] != bytes[body] { return false }
    return true
  }
}
