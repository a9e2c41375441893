/// A table of the page; the page's script makes it sortable, and filterable where it is long.
struct DataTable {
  enum Cell {
    case text(String)
    case code(String)
    case number(Int)
    /// A number and its share of a whole.
    case share(Int, of: Int)
    /// A line as long as the share of a whole; says nothing that a number beside it does not.
    case bar(Int, of: Int)
    case severity(Severity)
    /// One of the six outcomes, in its colour.
    case outcome(PageClass, String)
    case seconds(Double)
    case empty
  }

  struct Column {
    var title: String
    var isNumber = false

    static func text(_ title: String) -> Column { Column(title: title) }
    static func number(_ title: String) -> Column { Column(title: title, isNumber: true) }
  }

  /// Rows that are seen at a glance.
  private static let unfilteredRows = 12

  /// Longest text of a cell; what is longer is cut, with a mark.
  static let textLimit = 240

  var id: String
  var caption: String
  var columns: [Column]
  var rows: [[Cell]]

  func write(to page: inout HTMLWriter) {
    let size: HTMLWriter.Attribute =
      rows.count > Self.unfilteredRows
      ? .init("data-filter", "") : .init("data-rows", "\(rows.count)")
    // Wider than a phone: it scrolls, by keyboard too.
    page.element(
      .div, .class(.scroll), .init("role", "region"), .init("tabindex", "0"),
      .init("aria-labelledby", "\(id)-caption")
    ) { page in
      page.element(.table, .id(id), size) { page in
        page.element(.caption, .id("\(id)-caption"), text: caption)
        page.element(.thead) { page in
          page.element(.tr) { page in for column in columns { write(column, &page) } }
        }
        page.element(.tbody) { page in
          for row in rows {
            page.element(.tr) { page in
              for (index, cell) in row.enumerated() { write(cell, index, &page) }
            }
          }
        }
      }
    }
  }

  private func write(_ column: Column, _ page: inout HTMLWriter) {
    if column.title.isEmpty {
      // The bars' own column needs no name: they repeat a number.
      page.element(.td, text: "")
    } else if column.isNumber {
      page.element(.th, .init("scope", "col"), .class(.number), text: column.title)
    } else {
      page.element(.th, .init("scope", "col"), text: column.title)
    }
  }

  private func write(_ cell: Cell, _ index: Int, _ page: inout HTMLWriter) {
    if index == 0 {
      page.element(.th, .init("scope", "row"), .init("data-value", sortValue(cell))) { page in
        content(cell, &page)
      }
      return
    }
    switch cell {
    case .number, .share, .seconds:
      page.element(.td, .class(.number), .init("data-value", sortValue(cell))) { page in
        content(cell, &page)
      }
    case .bar: page.element(.td, .class(.bar)) { page in content(cell, &page) }
    case .severity:
      page.element(.td, .init("data-value", sortValue(cell))) { page in content(cell, &page) }
    case .text, .code, .outcome, .empty: page.element(.td) { page in content(cell, &page) }
    }
  }

  private func sortValue(_ cell: Cell) -> String {
    switch cell {
    case .text(let text), .code(let text): text.cut(to: Self.textLimit)
    case .number(let value), .share(let value, _), .bar(let value, _): "\(value)"
    case .severity(let severity): severity.sortValue
    case .outcome(_, let name): name
    case .seconds(let seconds): "\(seconds)"
    case .empty: ""
    }
  }

  private func content(_ cell: Cell, _ page: inout HTMLWriter) {
    switch cell {
    case .text(let text): page.text(text.cut(to: Self.textLimit))
    case .code(let text): page.element(.code, text: text.cut(to: Self.textLimit))
    case .number(let value): page.text(Quantity.grouped(value))
    case .share(let value, let whole): page.text(Self.share(value, of: whole))
    case .bar(let value, let whole): BarChart.line(value, of: whole, &page)
    case .severity(let severity):
      page.element(.span, .class(PageClass(badge: severity)), text: severity.rawValue)
    case .outcome(let kind, let name): page.element(.span, .class(kind), text: name)
    case .seconds(let seconds): page.text(Quantity.duration(seconds))
    case .empty: page.text("–")
    }
  }

  /// `12.5 %`; never 0 % of something nor 100 % of less than all.
  static func share(_ value: Int, of whole: Int) -> String {
    guard whole > 0 else { return "–" }
    let percent = Double(value) / Double(whole) * 100
    if value > 0, percent < 0.1 { return "< 0.1 %" }
    if value < whole, percent > 99.9 { return "> 99.9 %" }
    return Quantity.fixed(percent, decimals: 1) + " %"
  }
}

extension Severity {
  /// Sorts the worst first.
  fileprivate var sortValue: String {
    switch self {
    case .error: "0"
    case .warning: "1"
    case .info: "2"
    }
  }
}
