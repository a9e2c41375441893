/// What became of every record, table by table.
extension RunReport {
  func writeBalance(_ page: inout HTMLWriter) {
    let kinds = shownKinds
    for (name, counts) in kinds {
      page.element(.figure) { page in
        page.element(
          .figcaption, text: "\(name.capitalised): \(Quantity.grouped(counts.read)) read")
        BarChart.parts(
          id: "balance-\(name)", title: "What became of the \(name)", counts.parts, &page)
      }
    }
    DataTable(
      id: "balance-table", caption: "Records by what became of them",
      columns: [.text("Outcome")] + kinds.map { .number(Self.table(of: $0.name)) },
      rows: [[.text("read")] + kinds.map { .number($0.counts.read) }]
        + Counts().parts.enumerated().map { index, part in
          [.outcome(part.name, part.label)] + kinds.map { .number($0.counts.parts[index].count) }
        }
    ).write(to: &page)
    let imbalances = self.imbalances
    guard !imbalances.isEmpty else {
      page.element(
        .p, .class(.note),
        text: "The counts balance: read is the sum of the other six, for each input and in total.")
      return
    }
    page.element(.ul, .class(.losses)) { page in
      for imbalance in imbalances.prefix(20) {
        page.element(.li, .class(.error), text: imbalance.description.cut(to: 300))
      }
    }
    page.cap(min(20, imbalances.count), of: imbalances.count, "counts that do not balance")
  }

  private static func table(of kind: String) -> String {
    switch kind {
    case "sessions": "exai_sessions"
    case "messages": "exai_messages"
    default: kind
    }
  }
}

extension Counts {
  fileprivate var parts: [(name: PageClass, label: String, count: Int)] {
    [
      (.inserted, "inserted", inserted), (.updated, "updated", updated),
      (.unchanged, "unchanged", unchanged), (.merged, "merged", merged),
      (.filtered, "filtered", filtered), (.rejected, "rejected", rejected),
    ]
  }
}
