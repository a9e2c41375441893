/// What a load that is held to a plan is compared by, each difference a line for a person.
extension PlanFile {
  /// What is no longer as the dry run met it, before the first row.
  ///
  /// - Parameters:
  ///   - now: the same facts now.
  ///   - isResumed: whether rows of the plan may be in the target already, and indexes be off it.
  /// - Returns: the changes; empty when all is as it was.
  func changes(_ now: PlanFile, isResumed: Bool) -> [String] {
    var found = inputChanges(now)
    let (before, after) = (Set(rule), Set(now.rule))
    found += before.subtracting(after).sorted().map { "pipeline: was \($0)" }
    found += after.subtracting(before).sorted().map { "pipeline: is \($0)" }
    if target != now.target { found.append("target: was \(target), is \(now.target)") }
    for (table, other) in zip(tables, now.tables) {
      found += table.changes(other, isResumed: isResumed)
    }
    return found
  }

  private func inputChanges(_ now: PlanFile) -> [String] {
    let known = Dictionary(now.inputs.map { ($0.path, $0) }) { first, _ in first }
    var found: [String] = []
    for input in inputs {
      guard let other = known[input.path] else {
        found.append("input \(input.path): not among the inputs now")
        continue
      }
      guard input.sha256 != other.sha256 else { continue }
      found.append(
        input.bytes == other.bytes
          ? "input \(input.path): other content, still \(input.bytes) bytes"
          : "input \(input.path): was \(input.bytes) bytes, is \(other.bytes)")
    }
    let planned = Set(inputs.map(\.path))
    found += now.inputs.filter { !planned.contains($0.path) }
      .map { "input \($0.path): not in the plan" }
    if found.isEmpty, inputs.map(\.path) != now.inputs.map(\.path) {
      found.append("inputs: in another order")
    }
    return found
  }

  /// Where a finished load came out other than foretold.
  ///
  /// A row that was left as it was counts as unchanged or merged, whichever worker met it first. Of a load
  /// that went on with an interrupted one, rows found there are the ones that one wrote.
  func differences(_ load: PlanFile, isResumed: Bool) -> [String] {
    var found: [String] = []
    func compare(_ name: String, _ planned: Int, _ actual: Int) {
      if planned != actual { found.append("\(name): \(actual), the plan says \(planned)") }
    }
    func compare(_ name: String, atMost planned: Int, _ actual: Int) {
      if isResumed ? actual > planned : actual != planned {
        found.append("\(name): \(actual), the plan says \(planned)")
      }
    }
    for (kind, planned, actual) in total.pairs(load.total) {
      compare("\(kind) read", planned.read, actual.read)
      compare("\(kind) inserted", atMost: planned.inserted, actual.inserted)
      compare("\(kind) updated", atMost: planned.updated, actual.updated)
      compare("\(kind) filtered", planned.filtered, actual.filtered)
      compare("\(kind) rejected", planned.rejected, actual.rejected)
    }
    for (input, other) in zip(inputs, load.inputs) {
      for (kind, planned, actual) in input.tally.pairs(other.tally) {
        compare("\(input.path): \(kind) read", planned.read, actual.read)
        compare("\(input.path): \(kind) filtered", planned.filtered, actual.filtered)
        compare("\(input.path): \(kind) rejected", planned.rejected, actual.rejected)
      }
    }
    for (table, other) in zip(tables, load.tables) {
      compare("rows made for \(table.name)", table.rowsEncoded, other.rowsEncoded)
      if table.checksum != other.checksum {
        found.append(
          "rows made for \(table.name): checksum \(other.checksum), the plan says \(table.checksum)"
        )
      }
    }
    compare("batches", batches, load.batches)
    compare("reject lines", rejectLines, load.rejectLines)
    return found
  }
}

extension PlanFile.Table {
  fileprivate func changes(_ now: PlanFile.Table, isResumed: Bool) -> [String] {
    func lines(_ table: PlanFile.Table) -> Set<String> {
      // What an interrupted load took off comes back at the end of the next.
      Set(table.definition.filter { !isResumed || !TableDefinition.isRebuilt($0) })
    }
    var found = lines(self).subtracting(lines(now)).sorted().map { "\(name): was \($0)" }
    found += lines(now).subtracting(lines(self)).sorted().map { "\(name): is \($0)" }
    if !isResumed, rowsBefore != now.rowsBefore {
      found.append("\(name): had \(rowsBefore) rows, has \(now.rowsBefore)")
    }
    return found
  }
}

extension Tally {
  fileprivate func pairs(_ other: Tally) -> [(kind: String, planned: Counts, actual: Counts)] {
    [
      ("sessions", sessions, other.sessions), ("messages", messages, other.messages),
      ("files", files, other.files),
    ]
  }
}
