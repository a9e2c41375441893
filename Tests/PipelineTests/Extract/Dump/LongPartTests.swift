internal import Foundation
internal import Testing

@testable import Pipeline

@Suite struct LongPartTests {
  /// What a source hands out of one dump: each record with its messages, the rows it was made of, and how many slices
  /// there were.
  fileprivate struct Records: Equatable {
    var texts: [String] = []
    var rows: [String] = []
    /// Of records whose messages come in slices.
    var counts: [Int] = []
    var sliceCount = 0
    var digests: Set<[UInt8]> = []
  }

  private static func read(
    _ dump: String, batchBytes: Int, longPartBytes: Int, messageLimit: Int = .max
  ) throws -> Records {
    var records = Records()
    try ScratchFiles.with { files in
      let input = PlannedInput(
        index: 0, path: try files.write("d.sql", dump), dialect: .messagesDump, name: "d.sql",
        size: dump.utf8.count)
      let source = BatchSource(
        inputs: [input], batchBytes: batchBytes,
        spillingTo: SpillPlace(directory: files.path) {}, longPartBytes: longPartBytes)
      var own = BatchSource.Own()
      while let batch = try source.next(&own) {
        for segment in batch.segments where !segment.records.isEmpty {
          records.digests.insert(segment.fingerprint)
          guard let slices = segment.slices else {
            records.texts += segment.records.map { text(Array(segment.bytes[$0])) }
            for record in segment.records {
              let place = try #require(segment.gatheredPlace(record))
              records.rows.append(text(segment.sourceBytes(place)))
            }
            continue
          }
          try records.add(segment, slices, messageLimit)
        }
      }
    }
    return records
  }

  /// Some conversations, one of them long, in random order, with all that makes two rows one message.
  private static func dump(_ random: inout SeededNumbers) -> String {
    func id(_ kind: Int, _ number: Int) -> String {
      String(format: "00000000-0000-4000-800%d-%012d", kind, number)
    }
    var rows: [String] = []
    for conversation in 0..<6 {
      var second = 0.0
      for number in 0..<(conversation == 3 ? 400 : 5) {
        second += [0, 0, 0.3, 1.4, 2.1].randomElement(using: &random) ?? 0
        let role = Bool.random(using: &random) ? "assistant" : "user"
        let time =
          number % 50 == 7
          ? "NULL"
          : String(
            format: "'2025-10-24 10:%02d:%09.6f+00'", Int(second) / 60 % 60,
            second.truncatingRemainder(dividingBy: 60))
        let row =
          "('\(id(2, conversation * 1000 + number))', '\(id(1, conversation))', '\(role)', "
          + "'\(["yes", "no", "well"].randomElement(using: &random) ?? "")', \(time), "
          + "'{\"n\": \(number % 3)}')"
        rows.append(row)
        // The same row once more.
        if number % 9 == 0 { rows.append(row) }
      }
    }
    rows.shuffle(using: &random)
    let conversations = (0..<6).filter { $0 != 4 }.map { number in
      "('\(id(1, number))', 'c-\(number)', 'Title', '2025-10-24 10:00:00+00')"
    }
    return """
      INSERT INTO conversations (id, continuation_id, title, updated_at) VALUES
        \(conversations.joined(separator: ", "));
      INSERT INTO messages (id, conversation_id, role, content, created_at, metadata) VALUES
        \(rows.joined(separator: ",\n"));
      INSERT INTO conversations (id, continuation_id, title, updated_at) VALUES
        ('\(id(1, 3))', 'c-3', 'Later', '2025-10-25 10:00:00+00');

      """
  }

  @Test(arguments: [1, 10, 70, 399, Int.max])
  func `slices of any size are together the conversation as it is handed out whole`(limit: Int)
    throws
  {
    var random = SeededNumbers(seed: UInt64(truncatingIfNeeded: limit))
    let dump = Self.dump(&random)
    let whole = try Self.read(dump, batchBytes: .max, longPartBytes: .max)
    #expect(whole.texts.count == 6)
    let sorted = try Self.read(dump, batchBytes: 1 << 20, longPartBytes: 0)
    #expect(sorted.texts == whole.texts)
    #expect(sorted.rows == whole.rows)
    #expect(sorted.counts == [])
    let sliced = try Self.read(
      dump, batchBytes: 4_000, longPartBytes: 0, messageLimit: limit)
    #expect(sliced.texts == whole.texts)
    #expect(sliced.rows == whole.rows)
    // Of 445 rows nobody says two things within two seconds, if another has not.
    #expect(sliced.counts.count == 1)
    #expect(sliced.counts[0] > 100 && sliced.counts[0] < 445)
    #expect(sliced.sliceCount >= max(10, sliced.counts[0] / limit))
  }

  @Test func `what names a long conversation in the ledger depends on each of its rows`() throws {
    var random = SeededNumbers(seed: 1)
    let dump = Self.dump(&random)
    let one = try Self.read(dump, batchBytes: 4_000, longPartBytes: 0)
    let same = try Self.read(dump, batchBytes: 4_000, longPartBytes: 0)
    #expect(one.digests == same.digests)
    let row = try #require(dump.split(separator: "\n").last { $0.contains("000003399'") })
    let other = dump.replacing(row, with: row.replacing("2025-10-24", with: "2025-10-23"))
    let changed = try Self.read(other, batchBytes: 4_000, longPartBytes: 0)
    #expect(one.digests.subtracting(changed.digests).count == 1)
  }
}

extension LongPartTests.Records {
  /// Puts the messages of a long conversation into its record, and sees that they come a second time as well.
  fileprivate mutating func add(
    _ head: InputSegment, _ slices: ConversationSlices, _ messageLimit: Int
  ) throws {
    counts.append(slices.messageCount)
    let record = text(Array(head.bytes[head.records[0]]))
    #expect(record.hasSuffix(#""messages":[]}"#))
    let place = try #require(head.gatheredPlace(head.records[0]))
    rows.append(text(try head.recordBytes(place)))
    let tries = try (0..<2).map { _ in
      var lists: [String] = []
      var first = 0
      try slices.rewind()
      while let slice = try slices.next(messageLimit: messageLimit) {
        #expect(slice.firstMessage == first)
        let list = text(Array(slice.bytes[slice.records[0]]))
        lists.append(String(list.dropFirst(#"{"messages":["#.count).dropLast(2)))
        let messages = try JSONSerialization.jsonObject(with: Data(list.utf8)) as? [String: [Any]]
        let count = messages?["messages"]?.count ?? 0
        #expect(count > 0 && count <= messageLimit)
        first += count
      }
      #expect(first == slices.messageCount)
      return lists
    }
    #expect(tries[0] == tries[1])
    sliceCount += tries[0].count
    texts.append(String(record.dropLast(2)) + tries[0].joined(separator: ",") + "]}")
  }
}
