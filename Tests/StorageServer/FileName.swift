internal import Crypto

/// A file's name for what may have any length and characters.
func fileName(_ text: String) -> String {
  SHA256.hash(data: Array(text.utf8)).map { String($0, radix: 16) }.joined(separator: "-")
}
