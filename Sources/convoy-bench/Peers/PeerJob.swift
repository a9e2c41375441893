/// What a tool is asked to do; only tools of one job may be compared with each other.
enum PeerJob: String, Encodable, CaseIterable {
  case sameJob, readyRows, ceiling

  var title: String {
    switch self {
    case .sameJob: "same job: from the JSONL, ids made, a second run adds nothing"
    case .readyRows: "ready-made rows: ids and columns made beforehand, in no time of theirs"
    case .ceiling: "ceiling: the rows as the server itself wrote them, nothing checked or resumed"
    }
  }

  var given: String {
    switch self {
    case .sameJob: "JSONL"
    case .readyRows: "CSV rows"
    case .ceiling: "COPY text rows"
    }
  }
}
