internal import Foundation

extension ThreadDocuments {
  /// Writes the documents to `directory/threads` unless the same ones are there, and returns their bytes.
  func makeUnlessKept(in directory: URL) throws -> Int {
    let threads = directory.appending(path: "threads", directoryHint: .isDirectory)
    let note = directory.appending(path: "threads.json")
    // No note, or one that cannot be read: the documents are made again, which is always right.
    if let data = try? Data(contentsOf: note),
      let kept = try? JSONDecoder().decode(KeptDocuments.self, from: data), kept.documents == self
    {
      return kept.bytes
    }
    for old in [note, threads] where FileManager.default.fileExists(atPath: old.path) {
      try FileManager.default.removeItem(at: old)
    }
    let bytes = try write(into: threads)
    // Written last, so that documents cut short by an interrupt are not taken for whole ones.
    try JSONEncoder().encode(KeptDocuments(documents: self, bytes: bytes)).write(to: note)
    return bytes
  }
}

/// What the documents beside it are; not inside their directory, which is convoy's input.
private struct KeptDocuments: Codable {
  let documents: ThreadDocuments
  let bytes: Int
}
