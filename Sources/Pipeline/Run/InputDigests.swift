internal import Archive
internal import Crypto
internal import Synchronization

/// SHA-256 of whole inputs, read beside whatever else is done; of a table, of its row versions.
enum InputDigests {
  private static let pieceBytes = 1 << 20

  /// Reads every input through.
  ///
  /// - Returns: hexadecimal digests in the order of the inputs; empty for one that cannot be read, of which the
  ///   run itself tells.
  /// - Throws: ``RunError`` on a stop signal.
  static func read(
    _ inputs: [PlannedInput], threads: Int, stop: StopSignal
  ) async throws -> [String] {
    let queue = Queue(count: inputs.count)
    return try await withThrowingTaskGroup(of: [(Int, String)].self) { group in
      for number in 0..<max(1, min(threads, inputs.count)) {
        group.addTask(executorPreference: WorkerThread(number: number)) {
          var digests: [(Int, String)] = []
          while let index = queue.next() {
            digests.append((index, try digest(inputs[index], stop)))
          }
          return digests
        }
      }
      var found = Array(repeating: "", count: inputs.count)
      for try await digests in group {
        for (index, digest) in digests { found[index] = digest }
      }
      return found
    }
  }

  private static func digest(_ input: PlannedInput, _ stop: StopSignal) throws -> String {
    // A table has been gone through for what tells it from others.
    guard !input.isTable else {
      return String(decoding: hexText(input.fingerprint ?? []), as: UTF8.self)
    }
    var hash = SHA256()
    do {
      var file = try InputFile(path: input.path)
      var piece: [UInt8] = []
      piece.reserveCapacity(pieceBytes)
      while try file.read(into: &piece, upTo: pieceBytes) > 0 {
        try stop.check()
        hash.update(data: piece)
        piece.removeAll(keepingCapacity: true)
      }
    } catch is FileError {
      return ""
    }
    return String(decoding: hexText(hash.finalize()), as: UTF8.self)
  }

  /// Which input is next; the lock guards the number.
  private final class Queue: Sendable {
    private let left: Mutex<Range<Int>>

    init(count: Int) { left = Mutex(0..<count) }

    func next() -> Int? { left.withLock { $0.popFirst() } }
  }
}
