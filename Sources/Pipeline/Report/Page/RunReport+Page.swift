internal import Crypto
internal import FoundationEssentials

/// The report for people: one page that needs nothing but itself, the verdict first.
extension RunReport {
  /// UTF-8 HTML, well below 2 MB whatever the run was; lists are capped and say so beside the true total.
  func page() -> [UInt8] {
    var page = HTMLWriter()
    page.element(.html, .init("lang", "en")) { page in
      page.element(.head) { page in writeHead(&page) }
      page.element(.body) { page in
        page.element(.a, .class(.skip), .init("href", "#main"), text: "Skip to the report")
        writeVerdict(&page)
        let sections = PageSection.allCases.filter(has)
        page.element(.nav, .init("aria-label", "Sections")) { page in
          page.element(.ul) { page in
            for section in sections {
              page.element(.li) { page in
                page.element(.a, .link(section), text: section.title)
              }
            }
          }
        }
        page.element(.main, .id("main")) { page in
          for section in sections { write(section, &page) }
        }
        page.element(.footer) { page in
          page.text("convoy \(version) · \(pipelineFile) · ")
          page.text("the same facts for programs are in report.json beside this page")
        }
        page.element(.script, source: PageScript.source)
      }
    }
    return page.bytes
  }

  private func writeHead(_ page: inout HTMLWriter) {
    page.element(.meta, .init("charset", "utf-8"))
    // Nothing is fetched, nothing but this page's own script runs, whatever texts the page shows.
    page.element(
      .meta, .init("http-equiv", "Content-Security-Policy"),
      .init(
        "content",
        "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
          + "style-src '\(Self.digest(PageStyle.source))'; "
          + "script-src '\(Self.digest(PageScript.source))'"))
    page.element(
      .meta, .init("name", "viewport"), .init("content", "width=device-width, initial-scale=1"))
    page.element(.meta, .init("name", "color-scheme"), .init("content", "light dark"))
    page.element(.link, .init("rel", "icon"), .init("href", "data:,"))
    page.element(.title, text: "\(headline): \(pipelineName)")
    page.element(.style, source: PageStyle.source)
  }

  private static func digest(_ source: StaticString) -> String {
    "sha256-" + Data(SHA256.hash(data: Array("\(source)".utf8))).base64EncodedString()
  }

  /// Whether there is something to say in a section.
  private func has(_ section: PageSection) -> Bool {
    switch section {
    case .balance, .inputs, .mapping, .measures: true
    case .rejects: clusters.total > 0
    case .findings: !rankedFindings.isEmpty
    case .differences: previous != nil
    case .timeline: facts.timeline.dated > 0
    case .contents: facts.messageRows > 0
    }
  }

  private func write(_ section: PageSection, _ page: inout HTMLWriter) {
    page.element(
      .section, .id(section.rawValue), .init("aria-labelledby", "\(section.rawValue)-heading")
    ) { page in
      page.element(.h2, .id("\(section.rawValue)-heading"), text: section.title)
      switch section {
      case .balance: writeBalance(&page)
      case .rejects: writeClusters(&page)
      case .findings: writeFindings(&page)
      case .differences: writeDifferences(&page)
      case .timeline: writeTimeline(&page)
      case .contents: writeContents(&page)
      case .inputs: writeInputs(&page)
      case .mapping: writeMapping(&page)
      case .measures: writeMeasures(&page)
      }
    }
  }
}

extension HTMLWriter {
  /// Says beside a capped list what it is capped to.
  mutating func cap(_ shown: Int, of total: Int, _ what: String) {
    guard shown < total else { return }
    element(
      .p, .class(.note),
      text: "\(Quantity.grouped(shown)) of \(Quantity.grouped(total)) \(what) are shown.")
  }
}
