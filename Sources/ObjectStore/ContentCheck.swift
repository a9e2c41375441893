internal import Crypto

/// Whether what was read of a file is what an upload says, as far as it has come.
///
/// By the sum, where whoever hashed the file summed it too, else by the digest, which takes ten times as long. What
/// is in memory nobody else can have changed.
struct ContentCheck {
  private var sum: ContentSum?
  private var hash: SHA256?

  init(of upload: ObjectUpload) {
    guard upload.content == nil else { return }
    if upload.sum == nil { hash = SHA256() } else { sum = ContentSum() }
  }

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    unsafe sum?.update(bytes.bytes)
    unsafe hash?.update(bufferPointer: bytes)
  }

  /// Whether all that was read is the content of the upload.
  func holds(for upload: ObjectUpload) -> Bool {
    if upload.content != nil { return true }
    if let hash { return ContentDigest(hash.finalize()) == upload.digest }
    return sum?.value == upload.sum
  }
}
