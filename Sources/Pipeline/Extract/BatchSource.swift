internal import Archive
internal import Synchronization

/// Hands out the inputs of a run, piece by piece, to whoever asks; safe to ask from several threads.
///
/// A format whose records are whole sessions is cut anywhere between records. A format whose file is one
/// session keeps the file with the worker that began it, so that order, ties and title need no second
/// look. What is handed out depends on the inputs and sizes alone, never on who asks when.
final class BatchSource: Sendable {
  private let inputs: [PlannedInput]
  private let format: SourceFormat
  private let batchBytes: Int
  private let state: Mutex<State>

  private struct State: ~Copyable {
    var next = 0
    var reader: InputReader?
    /// Rests of handfuls that were more than a batch once inflated; handed out before other files.
    var putBack: [Range<Int>] = []
  }

  init(inputs: [PlannedInput], format: SourceFormat, batchBytes: Int) {
    self.inputs = inputs
    self.format = format
    self.batchBytes = batchBytes
    state = Mutex(State())
  }

  /// The next piece.
  ///
  /// - Parameter own: the file the asking worker has begun, if any; kept by the worker between calls.
  /// - Returns: nil when everything has been handed out.
  /// - Throws: ``RunError`` when a record is too long.
  func next(_ own: inout InputReader?) throws(RunError) -> SourceBatch? {
    switch format {
    case .chatHistory: try nextFiles(&own)
    case .threads, .openAIChat:
      try state.withLock { state throws(RunError) in try nextRecords(&state) }
    }
  }

  private func nextRecords(_ state: inout State) throws(RunError) -> SourceBatch? {
    var segments: [InputSegment] = []
    var bytes = 0
    var stored = 0
    while bytes < batchBytes {
      if state.reader == nil {
        guard state.next < inputs.count else { break }
        do throws(StreamError) {
          state.reader = try InputReader(
            inputs[state.next], format: format, segmentBytes: batchBytes)
        } catch { segments.append(.unreadable(inputs[state.next], error)) }
        state.next += 1
        continue
      }
      guard var reader = state.reader.take() else { break }
      let before = reader.storedBytes
      if let segment = try reader.next() {
        segments.append(segment)
        bytes += segment.bytes.count
        stored += reader.storedBytes - before
        state.reader = .some(consume reader)
      }
    }
    return segments.isEmpty ? nil : SourceBatch(segments: segments, storedBytes: stored)
  }

  private func nextFiles(_ own: inout InputReader?) throws(RunError) -> SourceBatch? {
    if var reader = own.take() {
      let before = reader.storedBytes
      if let segment = try reader.next() {
        let stored = reader.storedBytes - before
        if !segment.isLast { own = .some(consume reader) }
        return SourceBatch(segments: [segment], storedBytes: stored)
      }
    }
    var segments: [InputSegment] = []
    var stored = 0
    var bytes = 0
    let files = takeFiles()
    for number in files {
      var opened: InputReader?
      do throws(StreamError) {
        opened = try InputReader(inputs[number], format: format, segmentBytes: batchBytes)
      } catch { segments.append(.unreadable(inputs[number], error)) }
      guard var reader = opened.take(), let segment = try reader.next() else { continue }
      stored += reader.storedBytes
      bytes += segment.bytes.count
      segments.append(segment)
      let isWhole = segment.isLast
      if !isWhole { own = .some(consume reader) }
      // A compressed file holds more than its size tells: its rest comes before the next file.
      if !isWhole || bytes >= batchBytes {
        putBack(number + 1..<files.upperBound)
        break
      }
    }
    return segments.isEmpty ? nil : SourceBatch(segments: segments, storedBytes: stored)
  }

  private func putBack(_ files: Range<Int>) {
    guard !files.isEmpty else { return }
    state.withLock { $0.putBack.append(files) }
  }

  /// Takes the next files that together hold about a batch as they are stored.
  private func takeFiles() -> Range<Int> {
    state.withLock { state in
      if let rest = state.putBack.popLast() { return rest }
      let start = state.next
      var bytes = 0
      while state.next < inputs.count, bytes < batchBytes, state.next - start < 4096 {
        bytes += inputs[state.next].size ?? batchBytes
        state.next += 1
      }
      return start..<state.next
    }
  }
}

extension InputSegment {
  /// Stands for an input that could not be opened.
  static func unreadable(_ input: PlannedInput, _ error: StreamError) -> InputSegment {
    InputSegment(
      input: input.index, bytes: [], layout: .lines, records: [], byteOffset: 0, firstLine: 1,
      isFirst: true, isLast: true, fingerprint: [], damage: error.description)
  }
}
