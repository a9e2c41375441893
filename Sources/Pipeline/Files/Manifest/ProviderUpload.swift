/// A file that a provider of models was given.
struct ProviderUpload: Sendable, Hashable {
  /// In the spelling it is stored with; nil where nobody says who it was.
  var provider: String?
  /// The file's id there.
  var fileId: String
  var uploadedAt: Timestamp?
  /// What else is said of it: members of a JSON object, each with a comma before it.
  var more: [UInt8] = []

  /// Adds what another record says of the same upload; false where it is of another one.
  mutating func take(_ other: ProviderUpload) -> Bool {
    guard fileId == other.fileId,
      provider == nil || other.provider == nil || provider == other.provider,
      more.isEmpty || other.more.isEmpty || more == other.more
    else { return false }
    provider = provider ?? other.provider
    uploadedAt = [uploadedAt, other.uploadedAt].compactMap { $0 }.min()
    if more.isEmpty { more = other.more }
    return true
  }

  /// An object of `metadata.provider_uploads`.
  var json: [UInt8] {
    var out: [UInt8] = [UInt8(ascii: "{")]
    func add(_ name: String, _ text: String?) {
      guard let text else { return }
      if out.count > 1 { out.append(UInt8(ascii: ",")) }
      out += Array("\"\(name)\":".utf8)
      out.appendJSONString(text.utf8)
    }
    add("provider", provider)
    add("file_id", fileId)
    add("uploaded_at", uploadedAt?.rfc3339)
    return out + more + [UInt8(ascii: "}")]
  }

  /// Takes a provider's name as it is written; one that is stored in another spelling is kept in `more`.
  mutating func setProvider(written: [UInt8]) {
    switch ProviderName.read(written) {
    case .asWritten: provider = String(decoding: written, as: UTF8.self)
    case .respelled(let name):
      provider = String(decoding: name, as: UTF8.self)
      more += Array(#","written_provider":"#.utf8)
      more.appendJSONString(written)
    case .none:
      more += Array(#","written_provider":"#.utf8)
      more.appendJSONString(written)
    }
  }
}
