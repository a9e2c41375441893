/// The head of the page: can it be loaded, and what is lost if it is.
extension RunReport {
  func writeVerdict(_ page: inout HTMLWriter) {
    page.element(.header, .class(PageClass(answer))) { page in
      let work = mode == .dryRun ? "Dry run" : "Load"
      page.element(.p, .class(.eyebrow), text: "\(work) of \(pipelineName)")
      page.element(.h1, text: headline)
      page.element(.p, .class(.lead), text: sentence)
      writeLosses(&page)
      writeFigures(&page)
      page.element(.p, .class(.muted)) { page in
        page.text("Target ")
        page.element(.code, text: target.cut(to: 200))
        page.text(" · began \(Self.spoken(startedAt)) · took \(Quantity.duration(seconds))")
      }
    }
  }

  /// The verdict as a sentence of its own.
  private var sentence: String {
    verdict.cut(to: 500).capitalised + "."
  }

  private func writeLosses(_ page: inout HTMLWriter) {
    let losses = self.losses
    guard !losses.isEmpty else { return }
    page.element(.h2, .class(.eyebrow), text: "What is lost or changed")
    page.element(.ul, .class(.losses)) { page in
      for loss in losses {
        page.element(.li, .class(PageClass(loss.severity))) { page in
          page.element(.strong, text: Quantity.grouped(loss.count))
          page.text(" \(loss.what)")
        }
      }
    }
  }

  private func writeFigures(_ page: inout HTMLWriter) {
    let total = self.total
    let read = total.kinds.reduce(0) { $0 + $1.counts.read }
    let written = total.kinds.reduce(0) { $0 + $1.counts.inserted + $1.counts.updated }
    let rejected = total.kinds.reduce(0) { $0 + $1.counts.rejected }
    var figures: [(String, String)] = [
      ("Records read", Quantity.grouped(read)),
      (mode == .dryRun ? "Would be written" : "Written", Quantity.grouped(written)),
      ("Rejected", Quantity.grouped(rejected)),
      ("Errors", Quantity.grouped(findingCount(.error))),
      ("Warnings", Quantity.grouped(findingCount(.warning))),
    ]
    if let estimate {
      let isBound = estimate.basis == .dryRun
      figures.append(
        (isBound ? "Load takes at least" : "Load takes about", Quantity.duration(estimate.seconds)))
    }
    page.element(.dl, .class(.figures)) { page in
      for (name, value) in figures {
        page.element(.div) { page in
          page.element(.dt, text: name)
          page.element(.dd, text: value)
        }
      }
    }
  }

  /// `2026-01-02 03:04:05 UTC` of RFC 3339.
  static func spoken(_ time: String) -> String {
    let parts = time.prefix(19).split(separator: "T")
    guard parts.count == 2 else { return time.cut(to: 40) }
    return "\(parts[0]) \(parts[1]) UTC"
  }
}
