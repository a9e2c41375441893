/// What the rows are made of: when, by whom, with which tools, from which fields.
extension RunReport {
  private static let shownNames = 20
  private static let shownFields = 50

  func writeTimeline(_ page: inout HTMLWriter) {
    let (unit, entries) = facts.timeline.entries
    guard let first = entries.first, let last = entries.last else { return }
    let most = entries.max { $0.count < $1.count } ?? first
    let dated = facts.timeline.dated
    let span = Self.steps(from: first.start, to: last.start, unit)
    var counts = Array(repeating: 0, count: span + 1)
    for entry in entries {
      counts[Self.steps(from: first.start, to: entry.start, unit)] += entry.count
    }
    let description =
      "\(Quantity.grouped(dated)) messages from \(first.start.text(unit)) to \(last.start.text(unit)); most, "
      + "\(Quantity.grouped(most.count)), in \(most.start.text(unit))."
    page.element(.p, text: description)
    page.element(.figure) { page in
      BarChart.columns(
        id: "timeline-chart", title: "Messages by \(unit.rawValue)", description: description,
        counts, &page)
      page.element(.div, .class(.axis), .init("aria-hidden", "true")) { page in
        page.element(.span, text: first.start.text(unit))
        if span > 0 { page.element(.span, text: last.start.text(unit)) }
      }
    }
    if facts.timeline.undated > 0 {
      page.element(
        .p, .class(.note),
        text: "\(Quantity.grouped(facts.timeline.undated)) messages have no time in the source.")
    }
    page.element(.details) { page in
      page.element(.summary, text: "The same as a table")
      DataTable(
        id: "timeline-table", caption: "Messages by \(unit.rawValue), UTC",
        columns: [.text(unit.rawValue.capitalised), .number("Messages"), .number("Share")],
        rows: entries.map {
          [.text($0.start.text(unit)), .number($0.count), .share($0.count, of: dated)]
        }
      ).write(to: &page)
    }
  }

  private static func steps(
    from first: CivilDate, to last: CivilDate, _ unit: Timeline.Unit
  ) -> Int {
    switch unit {
    case .day: last.daysSince1970 - first.daysSince1970
    case .month: (last.year - first.year) * 12 + last.month - first.month
    case .year: last.year - first.year
    }
  }

  func writeContents(_ page: inout HTMLWriter) {
    page.element(
      .p,
      text: "Of the \(Quantity.grouped(facts.messageRows)) message rows made from the inputs, "
        + "before the target had a say.")
    page.element(.div, .class(.tables)) { page in
      let rows = facts.messageRows
      nameTable(
        "roles", "Roles", facts.roles.filter { $0.count > 0 }.map { ($0.role.rawValue, $0.count) },
        of: rows, &page)
      names("models", "Models", facts.models, &page)
      names("providers", "Providers", facts.providers, &page)
      names("tools", "Tools", facts.tools, &page)
      if facts.sourceRoles.total > 0 {
        names("source-roles", "Roles stored under another name", facts.sourceRoles, &page)
      }
    }
  }

  private func names(
    _ id: String, _ caption: String, _ counts: NameCounts, _ page: inout HTMLWriter
  ) {
    page.element(.div) { page in
      let ranked = counts.ranked
      var rows = ranked.prefix(Self.shownNames).map { name, count in
        (name.isEmpty ? "(empty)" : name, count)
      }
      let further = ranked.dropFirst(Self.shownNames).reduce(counts.others) { $0 + $1.count }
      if further > 0 { rows.append(("(all others)", further)) }
      if counts.absent > 0 { rows.append(("(none)", counts.absent)) }
      table(id, caption, rows, of: counts.total, &page)
      page.cap(min(ranked.count, Self.shownNames), of: ranked.count, "names")
      if counts.others > 0 {
        page.element(
          .p, .class(.note),
          text: "\(NameCounts.limit) names are told apart; further ones are among all others"
            + (counts.isExact ? "." : ", and some mentions of those shown may be."))
      }
    }
  }

  private func nameTable(
    _ id: String, _ caption: String, _ rows: [(String, Int)], of whole: Int,
    _ page: inout HTMLWriter
  ) {
    page.element(.div) { page in table(id, caption, rows, of: whole, &page) }
  }

  private func table(
    _ id: String, _ caption: String, _ rows: [(String, Int)], of whole: Int,
    _ page: inout HTMLWriter
  ) {
    DataTable(
      id: "\(id)-table", caption: caption,
      columns: [.text("Name"), .number("Rows"), .number("Share"), .text("")],
      rows: rows.map { name, count in
        [.text(name), .number(count), .share(count, of: whole), .bar(count, of: whole)]
      }
    ).write(to: &page)
  }

  func writeMapping(_ page: inout HTMLWriter) {
    DataTable(
      id: "mapping-table", caption: "Where known fields go",
      columns: [.text("Field of the source"), .text("Column")],
      rows: mapping.map { [.code($0.source), .code($0.column)] }
    ).write(to: &page)
    for (id, what, counts) in [
      ("session-fields", "sessions", facts.unknownSessionFields),
      ("message-fields", "messages", facts.unknownMessageFields),
    ] {
      let ranked = counts.ranked
      guard counts.total > 0 else {
        page.element(.p, .class(.note), text: "No unknown fields in \(what).")
        continue
      }
      DataTable(
        id: "\(id)-table",
        caption: "Unknown fields of \(what), kept in metadata.legacy unless dropped",
        columns: [.text("Field"), .number("Times")],
        rows: ranked.prefix(Self.shownFields).map { [.code($0.name), .number($0.count)] }
      ).write(to: &page)
      page.cap(min(ranked.count, Self.shownFields), of: ranked.count, "names")
      if counts.others > 0 {
        page.element(
          .p, .class(.note),
          text: "\(Quantity.grouped(counts.others)) times further names, which are not told apart.")
      }
    }
  }
}
