internal import Foundation
import Testing

@testable import Pipeline

struct RandomJSONTests {
  @Test(arguments: [1, 2, 3] as [UInt64])
  func `any way of writing a value has the same canonical text`(seed: UInt64) throws {
    var numbers = SeededNumbers(seed: seed)
    for _ in 0..<1000 {
      let value = RandomJSON.make(4, &numbers)
      let written = value.written(&numbers)
      #expect(text(try canonical(Array(written.utf8))) == value.canonical, "\(written)")
    }
  }

  @Test func `the canonical text of canonical text is itself`() throws {
    var numbers = SeededNumbers(seed: 4)
    for _ in 0..<500 {
      let value = RandomJSON.make(4, &numbers)
      let once = try canonical(Array(value.written(&numbers).utf8))
      #expect(try canonical(once) == once)
    }
  }

  @Test(arguments: [11, 12, 13, 14] as [UInt64])
  func `a damaged document is taken or refused as Foundation does, but for what is listed`(
    seed: UInt64
  ) {
    var numbers = SeededNumbers(seed: seed)
    var taken = 0
    for _ in 0..<1500 {
      var document = Array(RandomJSON.make(3, &numbers).written(&numbers).utf8)
      for _ in 0..<Int.random(in: 1...3, using: &numbers) { Self.damage(&document, &numbers) }
      let isTaken = failure(document) == nil
      if isTaken { taken += 1 }
      guard !document.isEmpty, !Self.isReadOtherwise(document, isTaken: isTaken) else { continue }
      #expect(isTaken == Self.isFoundationJSON(document), "\(document) \(text(document))")
    }
    #expect(taken > 150)
  }

  private static func damage(_ document: inout [UInt8], _ numbers: inout SeededNumbers) {
    let interesting =
      Array("{}[]:,\"\\ \n019-+.eEuntfalsr/x".utf8) + [0x00, 0x1F, 0x80, 0xC3, 0xFF]
    let at = document.isEmpty ? 0 : Int.random(in: 0..<document.count, using: &numbers)
    let byte = interesting.randomElement(using: &numbers) ?? 0
    switch Int.random(in: 0..<4, using: &numbers) {
    case 0 where !document.isEmpty: document[at] = byte
    case 1 where !document.isEmpty: document.remove(at: at)
    case 2 where document.count > 1: document.swapAt(at, (at + 1) % document.count)
    default: document.insert(byte, at: at)
    }
  }

  /// Where the tape differs from Foundation on purpose:
  /// half a surrogate pair is kept for the text policy, Foundation refuses it;
  /// a comma before a closing bracket is refused, as jsonb does;
  /// bytes that look like UTF-16 or UTF-32 are not guessed to be: an input is decoded before it is split;
  /// a number beyond Double is kept as it is written.
  private static func isReadOtherwise(_ document: [UInt8], isTaken: Bool) -> Bool {
    if document.contains(0x00) { return true }
    // A document without a tape has no flags to look at.
    if isTaken, let tape = try? parsed(document) {
      return (0..<tape.count).contains { index in
        let entry = tape[JSONValue(index: index)]
        return entry.flags.contains(.surrogate)
          || entry.kind == .number
            && !(Double(text(tape.bytes[Int(entry.start)..<Int(entry.end)])) ?? .infinity).isFinite
      }
    }
    let solid = document.filter { !isJSONSpace($0) }
    return zip(solid, solid.dropFirst()).contains { comma, closing in
      comma == UInt8(ascii: ",") && (closing == UInt8(ascii: "]") || closing == UInt8(ascii: "}"))
    }
  }

  private static func isFoundationJSON(_ document: [UInt8]) -> Bool {
    do {
      _ = try JSONSerialization.jsonObject(with: Data(document), options: .fragmentsAllowed)
      return true
    } catch {
      return false
    }
  }
}
