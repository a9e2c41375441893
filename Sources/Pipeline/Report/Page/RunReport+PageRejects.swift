/// Rejects by what is wrong with them, with what would help.
extension RunReport {
  private static let shownClusters = 40

  func writeClusters(_ page: inout HTMLWriter) {
    let ranked = clusters.ranked
    page.element(
      .p,
      text: "\(Quantity.grouped(clusters.total)) rejects, whose bytes are in rejects.jsonl, "
        + "grouped by what is wrong with them; the largest group first.")
    for cluster in ranked.prefix(Self.shownClusters) { write(cluster, &page) }
    page.cap(min(Self.shownClusters, ranked.count), of: ranked.count, "groups")
    if clusters.others > 0 {
      page.element(
        .p, .class(.note),
        text: "\(Quantity.grouped(clusters.others)) rejects of further shapes are not grouped; "
          + "\(RejectClusters.limit) shapes are told apart.")
    }
  }

  private func write(_ cluster: RejectCluster, _ page: inout HTMLWriter) {
    let shape = cluster.shape
    page.element(.article, .class(.cluster)) { page in
      page.element(.h3) { page in
        page.element(
          .strong, text: Quantity.grouped(cluster.total) + " × ")
        page.text(cluster.title.cut(to: 200))
      }
      page.element(.dl, .class(.facts)) { page in
        fact("Rule", code: shape.rule.rawValue, &page)
        fact("Record", shape.kind.rawValue, &page)
        fact("Field", code: shape.field, &page)
        fact("Value", shape.value.map(\.text), &page)
        fact("SQLSTATE", code: shape.sqlState, &page)
        fact("Constraint", code: shape.constraint, &page)
        fact("Column", code: shape.column, &page)
        if cluster.dependentMessages > 0 {
          fact("Messages with them", Quantity.grouped(cluster.dependentMessages), &page)
        }
        fact("Share", DataTable.share(cluster.total, of: clusters.total), &page)
      }
      page.element(.p) { page in
        page.text("For example ")
        page.element(
          .code, .class(.path),
          text: "\(cluster.example.input.cut(to: 200)):\(cluster.example.place.line)")
        page.text(": \(cluster.example.message.cut(to: 240))")
      }
      writeChange(cluster, &page)
    }
  }

  private func writeChange(_ cluster: RejectCluster, _ page: inout HTMLWriter) {
    guard let change = cluster.change else {
      if let advice = cluster.shape.rule.advice { page.element(.p, .class(.muted), text: advice) }
      return
    }
    page.element(.p, .class(.change)) { page in
      page.text("In the pipeline: ")
      page.element(.code, text: (change.setting ?? change.key).cut(to: 200))
      page.text(" \(change.when).")
    }
  }

  private func fact(
    _ name: String, _ text: String? = nil, code: String? = nil, _ page: inout HTMLWriter
  ) {
    guard let value = text ?? code else { return }
    page.element(.div) { page in
      page.element(.dt, text: name)
      page.element(.dd) { page in
        if code == nil {
          page.text(value.cut(to: 200))
        } else {
          page.element(.code, text: value.cut(to: 200))
        }
      }
    }
  }
}

extension RejectCluster {
  /// What is wrong, with what tells this cluster from others of the rule.
  fileprivate var title: String {
    if let value = shape.value, let pattern = value.pattern {
      let isWritten = shape.rule == .timeInvalid
      return "\(shape.rule.title): \(isWritten ? "written like " : "")\(pattern)"
    }
    if let constraint = shape.constraint { return "\(shape.rule.title): \(constraint)" }
    return shape.rule.title
  }
}

extension ValueShape {
  var text: String { pattern.map { "\(kind.rawValue): \($0)" } ?? kind.rawValue }
}
