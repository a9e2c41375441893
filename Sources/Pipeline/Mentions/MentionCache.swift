/// What mentions lead to, each looked for once while it is remembered; for one worker.
///
/// Memory: 4096 texts of at most 4 KiB, some 200 bytes each as a rule.
struct MentionCache {
  private static let rememberedTexts = 4_096
  /// Longer ones are no paths of any system, but they can be data.
  private static let longestPath = 4_096

  let roots: MentionRoots
  private var known: [[UInt8]: MentionOutcome] = [:]

  init(_ roots: MentionRoots) { self.roots = roots }

  /// Calls `body` with each text of a list, where it stands, and what it leads to.
  mutating func forEach(
    _ list: JSONValue, of tape: borrowing JSONTape,
    _ body: ([UInt8], JSONValue, MentionOutcome) -> Void
  ) {
    var texts: [(text: [UInt8], value: JSONValue)] = []
    tape.forEachElement(list) { element in
      guard tape.kind(element) == .string, !tape.isBlank(element) else { return }
      texts.append((tape.decoded(element), element))
    }
    for (text, value) in texts { body(text, value, outcome(Self.trimmed(text))) }
  }

  private mutating func outcome(_ text: [UInt8]) -> MentionOutcome {
    if text.count > Self.longestPath { return DataURL.isOne(text) ? .data : .missing }
    if let answer = known[text] { return answer }
    if known.count >= Self.rememberedTexts { known.removeAll(keepingCapacity: true) }
    let answer = roots.find(text)
    known[text] = answer
    return answer
  }

  private static func trimmed(_ text: [UInt8]) -> [UInt8] {
    func isBlank(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }
    guard let first = text.firstIndex(where: { !isBlank($0) }),
      let last = text.lastIndex(where: { !isBlank($0) })
    else { return [] }
    return Array(text[first...last])
  }
}
