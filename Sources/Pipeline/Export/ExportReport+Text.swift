extension ExportReport {
  /// The summary for a person, some ten lines.
  public var text: String {
    (isDryRun ? forecastLines : resultLines).joined(separator: "\n") + "\n"
  }

  private var verdict: String {
    switch outcome {
    case .done:
      isDryRun
        ? "DRY RUN: nothing was written"
        : "DONE: \(Quantity.grouped(rows)) rows of \(Quantity.counted(tables.count, "table")) in \(archive ?? "")"
    case .failed: "FAILED: \(failure ?? ""); \(remains)"
    case .interrupted: "INTERRUPTED: \(remains)"
    }
  }

  private var remains: String { archive.map { "the archive is in \($0)" } ?? "no archive was made" }

  private var resultLines: [String] {
    guard outcome == .done else { return [verdict] }
    let header = ["table", "rows", "raw", "packed", "parts", "linked"]
    let lines = tables.map { table in
      [
        table.name, Quantity.grouped(table.rows), Quantity.bytes(Double(table.rawBytes)),
        Quantity.bytes(Double(table.packedBytes)), "\(table.parts)", "\(table.linkedParts)",
      ]
    }
    var text = [verdict, ""] + RunReport.aligned([header] + lines, leftColumns: 1) + [""]
    text.append(
      "written  \(Quantity.bytes(Double(writtenBytes)))"
        + (former.map { ", the rest is shared with \($0)" } ?? ""))
    text.append("verified \(verifiedParts) of \(Quantity.counted(parts, "part")) read back")
    if let objects {
      text.append(
        "objects  \(Quantity.grouped(objects.rows)) of \(Quantity.bytes(Double(objects.bytes))), "
          + "\(Quantity.grouped(objects.copied)) of \(Quantity.bytes(Double(objects.copiedBytes))) new, "
          + "\(Quantity.grouped(objects.missing)) missing in the store")
    }
    if !pruned.isEmpty { text.append("removed  \(pruned.joined(separator: ", "))") }
    let rate = seconds > 0 ? Double(rawBytes) / seconds : 0
    text.append(
      "rate     \(Quantity.duration(seconds)), \(Quantity.bytes(rate))/s, "
        + "peak memory \(Quantity.memory(peakMemoryBytes))")
    return text
  }

  private var forecastLines: [String] {
    guard outcome == .done else { return [verdict] }
    let header = ["table", "stored", "parts", "same range"]
    let lines = tables.map { table in
      [
        table.name, Quantity.bytes(Double(table.storedBytes)), "\(table.parts)",
        "\(table.linkedParts)",
      ]
    }
    var text = [verdict, ""] + RunReport.aligned([header] + lines, leftColumns: 1) + [""]
    text.append(
      former.map {
        "reuse    up to \(Quantity.counted(linkedParts, "part")) of \($0), as far as nothing changed"
      } ?? "reuse    nothing, there is no earlier archive to take parts from")
    if let estimatedSeconds {
      text.append(
        "time     about \(Quantity.duration(estimatedSeconds)) if everything is compressed anew")
    }
    if let objects {
      text.append(
        "objects  \(Quantity.grouped(objects.rows)) of \(Quantity.bytes(Double(objects.bytes))), "
          + "\(Quantity.grouped(objects.copied)) of \(Quantity.bytes(Double(objects.copiedBytes))) to copy"
          + (objects.missing == 0
            ? "" : ", \(Quantity.grouped(objects.missing)) in another bucket than the store's"))
    }
    text.append("free     \(Quantity.bytes(Double(freeBytes)))")
    text.append(
      pruned.isEmpty
        ? "prune    nothing" : "prune    would remove \(pruned.joined(separator: ", "))")
    return text
  }
}
