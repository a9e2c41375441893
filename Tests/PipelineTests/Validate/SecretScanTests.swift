internal import Testing

@testable internal import Pipeline

@Suite struct SecretScanTests {
  private static func kinds(_ text: String) -> [SecretKind] {
    let bytes = Array(text.utf8)
    return SecretScan.secrets(in: bytes.span, 0..<bytes.count).map(\.kind)
  }

  @Test func `each kind is found at every offset from a block's start`() {
    #expect(Set(SecretSamples.all.map(\.kind)).count == SecretKind.allCases.count - 1)
    for (kind, secret) in SecretSamples.all {
      for before in 0..<70 {
        let lead = String(repeating: "word ", count: 15).suffix(before)
        let bytes = Array("\(lead) \(secret) and more".utf8)
        let found = SecretScan.secrets(in: bytes.span, 0..<bytes.count)
        #expect(
          found == [Secret(kind: kind, range: before + 1..<before + 1 + secret.utf8.count)],
          "\(kind) behind \(before) bytes")
      }
      #expect(Self.kinds(secret) == [kind])
    }
  }

  @Test(arguments: [
    "sk-learn is a nickname of scikit-learn", "sk-this-is-only-a-name-2024-of-words",
    "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "task-force-1234567890abcdefghijkl",
    "a risk-1234567890abcdefghijklmnop", "model_provider and model_name", "----------",
    "-----BEGIN PRIVATE KEY----- is how one begins", "-----BEGIN CERTIFICATE-----",
    "AKIA", "AKIAIOSFODNN7", "eyJhbGciOiJIUzI1NiJ9 is a header", "eyJhbGciOiJIUzI1NiJ9.eyJhIjox",
    "mail ada@example.org", "https://ada@example.org", "postgres://ada:${PASSWORD}@db/x",
    "postgres://postgres:[YOUR-PASSWORD]@db.example.org", "postgres://u:password@db",
    "10:30 @ noon",
    "https://example.org/a:b@c", "git@github.com:a/b.git", "I", "J", "_", "@", "-", "",
  ])
  func `what only looks like one is not`(text: String) {
    #expect(Self.kinds(text) == [])
  }

  @Test(arguments: [
    ("postgresql://ada:s3cr3t@db.example.org/x", "s3cr3t"),
    ("see redis://:hunter2@localhost", "hunter2"),
    ("https://a:p%40ss@[::1]:80/", "p%40ss"), ("\"amqp://a:b:c@h\"", "b:c"),
  ])
  func `of a URL only the password goes`(text: String, password: String) throws {
    let bytes = Array(text.utf8)
    let found = try #require(SecretScan.secrets(in: bytes.span, 0..<bytes.count).first)
    #expect(found.kind == .urlPassword)
    #expect(String(decoding: bytes[found.range], as: UTF8.self) == password)
  }

  @Test func `in JSON an escape before a secret is no letter of it`() {
    #expect(Self.kinds("\\n\(SecretSamples.key)\\n") == [.openAIKey])
    let pem = SecretSamples.pem("EC ").replacing("\n", with: "\\n")
    #expect(Self.kinds("\"\(pem)\\nand more\"") == [.privateKey])
  }

  @Test func `a private key that is cut short is one still`() {
    #expect(Self.kinds(String(SecretSamples.pem("").prefix(120))) == [.privateKey])
  }

  @Test func `several in one text are all replaced, and nothing else`() {
    let text = "a \(SecretSamples.key), https://u:s3cr3t@h and \(SecretSamples.pem("")) b"
    let redacted = SecretScan.redacted(Array(text.utf8), Set(SecretKind.allCases))
    #expect(
      redacted.map { String(decoding: $0, as: UTF8.self) }
        == "a [redacted:openai-key], https://u:[redacted:url-password]@h and "
        + "[redacted:private-key] b")
    #expect(SecretScan.redacted(Array(text.utf8), [.jwt]) == nil)
  }
}
