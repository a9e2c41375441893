/// Writes the metadata object of a row: known members, then `legacy` with everything that has no place.
struct MetadataWriter {
  let keepsUnmapped: Bool
  let keepsProvenance: Bool
  let refused: RefusedText

  init(_ plan: TransformPlan) {
    keepsUnmapped = plan.keepsUnmapped
    keepsProvenance = plan.keepsProvenance
    refused = plan.refusedText
  }

  /// What was written, beside the bytes.
  struct Outcome {
    /// Characters the text policy changed.
    var changedCharacters = 0
    /// Source fields left out because the pipeline drops them.
    var droppedFields = 0
  }

  /// Facts convoy itself puts below `legacy`, and values that have no column; used again for each row.
  struct Provenance {
    enum Value {
      case number(Int)
      case text([UInt8])
      case yes
      case json(DraftJSON)
    }

    fileprivate var members: [(name: StaticString, value: Value)] = []

    mutating func clear() {
      // They are a few, and removing all at once takes a detour of some hundred instructions.
      while members.popLast() != nil {}
    }

    mutating func add(_ name: StaticString, _ value: Value) { members.append((name, value)) }

    mutating func add(_ name: StaticString, _ value: JSONValue) {
      members.append((name, .json(.value(value))))
    }
  }

  /// Lists of a message that have a column of their own.
  struct StoredLists {
    var files: JSONValue?
    var images: JSONValue?

    func hold(_ value: DraftJSON) -> Bool {
      guard case .value(let value) = value else { return false }
      return value == files || value == images
    }
  }

  /// Appends one object.
  ///
  /// `added` are members from the pipeline, as JSON text with a comma before each; `overflow` the values
  /// of columns the target does not have, or that did not fit theirs. What is `stored` in a column is
  /// left out.
  func append(
    _ entries: ArraySlice<MetadataEntry>, provenance: Provenance, overflow: Provenance,
    added: [UInt8] = [], stored: StoredLists = StoredLists(), of tape: borrowing JSONTape,
    to out: inout [UInt8]
  ) -> Outcome {
    var outcome = Outcome()
    let start = out.count
    out.append(UInt8(ascii: "{"))
    for index in entries.indices where !entries[index].isLegacy {
      guard case .known(let name) = entries[index].name, !stored.hold(entries[index].value) else {
        continue
      }
      separate(start, &out)
      appendName(name, earlier: uses(of: name, in: entries[..<index]), to: &out)
      outcome.changedCharacters += append(entries[index].value, of: tape, to: &out)
    }
    if !added.isEmpty {
      out.append(contentsOf: out.count == start + 1 ? added.dropFirst() : added[...])
    }
    let legacy = out.count
    separate(start, &out)
    out.append(staticText: #""legacy":{"#)
    let inner = out.count
    appendLegacy(entries, provenance, overflow, inner: inner, of: tape, to: &out, &outcome)
    if out.count == inner {
      out.removeSubrange(legacy...)
    } else {
      out.append(UInt8(ascii: "}"))
    }
    out.append(UInt8(ascii: "}"))
    return outcome
  }

  private func appendLegacy(
    _ entries: ArraySlice<MetadataEntry>, _ provenance: Provenance, _ overflow: Provenance,
    inner: Int, of tape: borrowing JSONTape, to out: inout [UInt8], _ outcome: inout Outcome
  ) {
    if keepsProvenance { append(provenance, inner: inner, of: tape, to: &out, &outcome) }
    append(overflow, inner: inner, of: tape, to: &out, &outcome)
    guard entries.contains(where: \.isLegacy) else { return }
    guard keepsUnmapped else {
      for entry in entries where entry.isLegacy { outcome.droppedFields += 1 }
      return
    }
    let own = (keepsProvenance ? provenance.members : []) + overflow.members
    let names = legacyNames(entries, own.map(\.name), of: tape, &outcome)
    for (position, entry) in entries.enumerated() where entry.isLegacy {
      separate(inner - 1, &out)
      out.appendJSONString(names[position])
      out.append(UInt8(ascii: ":"))
      outcome.changedCharacters += append(entry.value, of: tape, to: &out)
    }
  }

  private func append(
    _ facts: Provenance, inner: Int, of tape: borrowing JSONTape, to out: inout [UInt8],
    _ outcome: inout Outcome
  ) {
    for member in facts.members {
      separate(inner - 1, &out)
      appendName(member.name, to: &out)
      switch member.value {
      case .number(let number): out.append(decimal: number)
      case .text(let text): out.appendJSONString(text)
      case .yes: out.append(staticText: "true")
      case .json(let value): outcome.changedCharacters += append(value, of: tape, to: &out)
      }
    }
  }

  /// A name of its own for each entry below `legacy`; of those that want the same one, the value that
  /// ordinary readers of the source see has it.
  private func legacyNames(
    _ entries: ArraySlice<MetadataEntry>, _ own: [StaticString],
    of tape: borrowing JSONTape, _ outcome: inout Outcome
  ) -> [[UInt8]] {
    var names = UniqueNames()
    for name in own { names.reserve(Array(String(describing: name).utf8)) }
    var chosen: [[UInt8]] = Array(repeating: [], count: entries.count)
    for claim in NameClaim.allCases {
      for (position, entry) in entries.enumerated() where entry.isLegacy {
        var name: [UInt8] = []
        switch entry.name {
        case .known(let known):
          guard claim == .own else { continue }
          name = Array(String(describing: known).utf8)
        case .key(let key):
          guard tape.claim(key) == claim else { continue }
          outcome.changedCharacters += tape.appendDecoded(key, refused: refused, to: &name)
        }
        chosen[position] = names.unused(name)
      }
    }
    return chosen
  }

  /// How many of the entries have a known name; a tool message may bring one twice.
  private func uses(of name: StaticString, in entries: ArraySlice<MetadataEntry>) -> Int {
    var uses = 0
    for entry in entries where !entry.isLegacy {
      if case .known(let other) = entry.name, other.reads(as: name) { uses += 1 }
    }
    return uses
  }

  /// Appends one value of a draft as JSON fit for jsonb.
  func append(_ value: DraftJSON, of tape: borrowing JSONTape, to out: inout [UInt8]) -> Int {
    switch value {
    case .absent:
      out.append(staticText: "null")
      return 0
    case .value(let value):
      return tape.appendFitJSON(value, refused: refused, to: &out)
    case .wrapped(let wrapper, let value):
      out.append(UInt8(ascii: "{"))
      appendName(wrapper.name, to: &out)
      let changed = tape.appendFitJSON(value, refused: refused, to: &out)
      out.append(UInt8(ascii: "}"))
      return changed
    case .list(let values):
      var changed = 0
      let start = out.count
      out.append(UInt8(ascii: "["))
      for value in values {
        separate(start, &out)
        changed += tape.appendFitJSON(value, refused: refused, to: &out)
      }
      out.append(UInt8(ascii: "]"))
      return changed
    case .numbers(let value):
      EmbeddingValues(value, of: tape)?.appendList(to: &out)
      return 0
    case .bytes(let text):
      out.append(contentsOf: text)
      return 0
    }
  }

  /// Appends a comma unless nothing was written since the opening bracket at `start`.
  private func separate(_ start: Int, _ out: inout [UInt8]) {
    if out.count > start + 1 { out.append(UInt8(ascii: ",")) }
  }

  private func appendName(
    _ name: StaticString, earlier: Int = 0, to out: inout [UInt8]
  ) {
    if earlier == 0 {
      out.append(memberName: name)
    } else {
      out.append(contentsOf: "\"\(name)~\(earlier)\":".utf8)
    }
  }
}
