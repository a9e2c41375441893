internal import Crypto
internal import FoundationEssentials
internal import ObjectStore

/// Where uploads in chunks are, kept below the state directory for a run that goes on after this one.
///
/// One small file for each upload under way. A state that is lost or too old costs sending again, nothing else.
struct UploadJournal: Sendable {
  /// A server keeps an upload for a day at most (Supabase, "Resumable uploads").
  private static let longestSeconds = 2.0 * 86_400

  private let directory: String

  /// Opens the journal, and forgets what no server knows any more.
  init(in state: StateDirectory) throws(RunError) {
    directory = state.path + "/uploads"
    try makeStateDirectory(directory)
    // What cannot be listed or removed stays, and is of no harm.
    for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] {
      let path = "\(directory)/\(name)"
      let attributes = try? FileManager.default.attributesOfItem(atPath: path)
      guard let written = attributes?[.modificationDate] as? Date,
        written.timeIntervalSinceNow < -Self.longestSeconds
      else { continue }
      try? FileManager.default.removeItem(atPath: path)
    }
  }

  /// Where the upload of a key left off, and where it is kept from now on.
  func resumption(_ key: ObjectKey, place: String) -> UploadResumption {
    let digest = hexText(SHA256.hash(data: Array("\(place)\n\(key)".utf8)))
    let path = "\(directory)/\(String(decoding: digest, as: UTF8.self)).json"
    // None, or one that cannot be read, begins anew.
    let state = (try? Data(contentsOf: URL(filePath: path)))
      .flatMap { try? JSONDecoder().decode(UploadState.self, from: $0) }
    return UploadResumption(state) { state in
      guard let state else {
        try? FileManager.default.removeItem(atPath: path)
        return
      }
      // Without it the upload goes on all the same.
      guard let bytes = try? JSONEncoder().encode(state) else { return }
      try? bytes.write(to: URL(filePath: path), options: .atomic)
    }
  }
}
