/// Every rule that was broken, its true total, and the first places.
extension RunReport {
  private static let shownSamples = 20

  func writeFindings(_ page: inout HTMLWriter) {
    let ranked = rankedFindings
    let records = total.kinds.reduce(0) { $0 + $1.counts.read }
    page.element(
      .p,
      text: "An error keeps a record out, a warning changes or marks it, an info does neither. "
        + "Totals are exact; the share is of all records read.")
    DataTable(
      id: "findings-table", caption: "Rules broken",
      columns: [
        .text("Rule"), .text("Severity"), .number("Total"), .number("Share"), .text("What it says"),
        .text("Pipeline key"),
      ],
      rows: ranked.map { rule, total, _ in
        [
          .code(rule.rawValue), .severity(rules.severity(of: rule)), .number(total),
          .share(total, of: records), .text(rule.title),
          rule.pipelineKey.map { .code($0) } ?? .empty,
        ]
      }
    ).write(to: &page)
    page.element(.h3, text: "First findings of each")
    for (rule, total, samples) in ranked {
      page.element(.details, .class(.samples)) { page in
        page.element(.summary) { page in
          page.element(.code, text: rule.rawValue)
          page.text(" \(rule.title) ")
          page.element(
            .small, .class(.muted),
            text: "\(Quantity.grouped(min(samples.count, Self.shownSamples))) of "
              + Quantity.grouped(total))
        }
        if let advice = rule.advice { page.element(.p, text: advice) }
        page.element(.ol) { page in
          for sample in samples.prefix(Self.shownSamples) { write(sample, &page) }
        }
      }
    }
  }

  private func write(_ sample: Finding, _ page: inout HTMLWriter) {
    page.element(.li) { page in
      if let path = inputPath(of: sample.place) {
        page.element(.code, .class(.path), text: "\(path.cut(to: 200)):\(sample.place.line)")
        page.text(" ")
      }
      if let field = sample.field {
        page.element(.code, text: field.cut(to: 120))
        page.text(" ")
      }
      page.text(sample.message.cut(to: DataTable.textLimit))
    }
  }

  func writeDifferences(_ page: inout HTMLWriter) {
    guard let previous else { return }
    page.element(
      .p,
      text: "Compared with the \(previous.mode) that began \(Self.spoken(previous.startedAt)) and "
        + "ended as \(previous.outcome.cut(to: 40)).")
    let differences = self.differences
    guard !differences.isEmpty else {
      page.element(.p, .class(.note), text: "No count and no finding has changed.")
      return
    }
    DataTable(
      id: "differences-table", caption: "What has changed",
      columns: [.text("What"), .number("Before"), .number("Now"), .number("Change")],
      rows: differences.prefix(100).map {
        [
          .code($0.name), .number($0.before), .number($0.after),
          .number($0.after - $0.before),
        ]
      }
    ).write(to: &page)
    page.cap(min(100, differences.count), of: differences.count, "differences")
  }
}
