/// Drawings of the page: SVG without text, stretched to the room there is, labels beside it in HTML.
enum BarChart {
  typealias Attribute = HTMLWriter.Attribute

  /// One line as long as a share; for the eye alone.
  static func line(_ value: Int, of whole: Int, _ page: inout HTMLWriter) {
    let width = whole > 0 ? Double(value) / Double(whole) * 100 : 0
    page.element(
      .svg, .init("viewBox", "0 0 100 8"), .init("preserveAspectRatio", "none"),
      .init("aria-hidden", "true"), .init("focusable", "false")
    ) { page in
      page.shape(.number("width", max(width, value > 0 ? 0.5 : 0)), .init("height", "8"))
    }
  }

  /// Parts of a whole beside each other, with a title for those who do not see them.
  static func parts(
    id: String, title: String, _ parts: [(name: PageClass, label: String, count: Int)],
    _ page: inout HTMLWriter
  ) {
    let whole = parts.reduce(0) { $0 + $1.count }
    guard whole > 0 else { return }
    page.element(
      .svg, .class(.chart), .init("viewBox", "0 0 100 6"), .init("preserveAspectRatio", "none"),
      .init("role", "img"), .init("aria-labelledby", "\(id)-title \(id)-desc")
    ) { page in
      page.element(.svgTitle, .id("\(id)-title"), text: title)
      let description = parts.filter { $0.count > 0 }.map { "\($0.label) \($0.count)" }
      page.element(.desc, .id("\(id)-desc"), text: description.joined(separator: ", "))
      var left = 0.0
      for part in parts where part.count > 0 {
        let width = Double(part.count) / Double(whole) * 100
        page.shape(
          .class(part.name), .number("x", left), .number("width", max(width, 0.4)),
          .init("height", "6"))
        left += width
      }
    }
  }

  /// Upright bars, one an entry.
  static func columns(
    id: String, title: String, description: String, _ counts: [Int], _ page: inout HTMLWriter
  ) {
    let most = max(1, counts.max() ?? 1)
    let step = 1000.0 / Double(max(1, counts.count))
    page.element(
      .svg, .class(.chart), .init("viewBox", "0 0 1000 100"), .init("preserveAspectRatio", "none"),
      .init("role", "img"), .init("aria-labelledby", "\(id)-title \(id)-desc")
    ) { page in
      page.element(.svgTitle, .id("\(id)-title"), text: title)
      page.element(.desc, .id("\(id)-desc"), text: description)
      for (index, count) in counts.enumerated() where count > 0 {
        let height = max(1, Double(count) / Double(most) * 100)
        page.shape(
          .number("x", Double(index) * step + step * 0.1), .number("y", 100 - height),
          .number("width", step * 0.8), .number("height", height))
      }
    }
  }
}
