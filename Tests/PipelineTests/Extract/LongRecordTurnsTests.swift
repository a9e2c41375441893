import Foundation
import Testing

@testable import Pipeline

struct LongRecordTurnsTests {
  @Test func `who asks meanwhile waits until the turn before is over`() {
    let turns = LongRecordTurns()
    let count = Monitor(0)
    var first: LongRecordTurns.Turn? = turns.take()
    for _ in 0..<2 {
      Thread.detachNewThread {
        let turn = turns.take()
        count.update { $0 += 1 }
        withExtendedLifetime(turn) {}
      }
    }
    // However late the threads are: none gets it before.
    #expect(count.update { $0 } == 0)
    withExtendedLifetime(first) {}
    first = nil
    let isOver: Bool = count.wait { $0 == 2 ? true : nil }
    #expect(isOver)
  }

  @Test func `a long record has its turn as long as its segment lasts, and a short one none`()
    throws
  {
    try ScratchFiles.with { try Self.readLongRecord($0) }
  }

  private static func readLongRecord(_ files: ScratchFiles) throws {
    let long = Array(repeating: UInt8(ascii: "x"), count: LongRecordTurns.bytes + 100)
    let path = try files.write(
      "a.jsonl", Array("{\"thread_id\":\"a\"}\n[\"".utf8) + long + Array("\"]\n{}\n".utf8))
    let input = PlannedInput(index: 0, path: path, dialect: .threads, name: "a.jsonl", size: nil)
    var reader = try InputReader(input, segmentBytes: 8, turns: LongRecordTurns())
    var found: [(isLong: Bool, hasTurn: Bool)] = []
    // Each before the next: a reader would wait for its own turn for ever.
    while let segment = try reader.next() {
      found.append((segment.bytes.count > LongRecordTurns.bytes, segment.turn != nil))
    }
    #expect(found.filter(\.isLong).map(\.hasTurn) == [true])
    #expect(found.filter { !$0.isLong }.allSatisfy { !$0.hasTurn })
  }
}
