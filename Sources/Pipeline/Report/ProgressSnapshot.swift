/// How far a run had come at one moment.
public struct ProgressSnapshot: Sendable, Hashable {
  /// Input bytes of the finished batches.
  public var bytesDone: Int
  /// Bytes of all inputs; nil when unknown.
  public var bytesTotal: Int?
  /// Rows of the finished batches.
  public var rows: Int
  /// Records rejected so far.
  public var rejects: Int
  /// Batches finished.
  public var batches: Int
  /// Whether what went on last was reading rows that are put aside until all of their session are there.
  public var isReading = false
  /// Bytes of rows put aside so.
  public var bytesRead = 0
  /// Rows put aside so.
  public var rowsRead = 0
  /// Rows that are going to be; nil when unknown, as of a dump.
  public var rowsToRead: Int?
  /// Time since the run began.
  public var seconds: Double

  /// Makes a snapshot.
  public init(
    bytesDone: Int = 0, bytesTotal: Int?, rows: Int = 0, rejects: Int = 0, batches: Int = 0,
    seconds: Double = 0
  ) {
    self.bytesDone = bytesDone
    self.bytesTotal = bytesTotal
    self.rows = rows
    self.rejects = rejects
    self.batches = batches
    self.seconds = seconds
  }

  /// The line for a terminal of `width` columns; where it is too long, whole figures go first.
  ///
  /// Rates and the time left are averages over the whole run.
  public func line(width: Int) -> String {
    var figures = self.figures
    while Self.joined(figures).count > width, figures.count > 1 {
      guard let least = figures.map(\.weight).min() else { break }
      figures.removeAll { $0.weight == least }
    }
    return String(Self.joined(figures).prefix(max(0, width)))
  }

  private struct Figure {
    var text: String
    /// Figures of the least weight go first when the line is too long.
    var weight: Int
  }

  private var figures: [Figure] {
    guard !isReading else { return figuresOfReading }
    var figures: [Figure] = []
    if let share {
      let percent = String(Int(share * 100))
      let padding = String(repeating: " ", count: max(0, 4 - percent.count))
      figures.append(Figure(text: "\(padding)\(percent) %", weight: 6))
    }
    figures.append(Figure(text: bytes, weight: 3))
    figures.append(Figure(text: Quantity.grouped(rows) + " rows", weight: 5))
    if seconds > 0 {
      let rowRate = Quantity.short(Double(rows) / seconds)
      let byteRate = Quantity.bytes(Double(bytesDone) / seconds)
      figures.append(Figure(text: rowRate + " rows/s", weight: 2))
      figures.append(Figure(text: byteRate + "/s", weight: 1))
    }
    if let secondsLeft {
      figures.append(Figure(text: "ETA " + Quantity.clock(secondsLeft), weight: 4))
    }
    if rejects > 0 {
      figures.append(Figure(text: Quantity.grouped(rejects) + " rejected", weight: 7))
    }
    return figures
  }

  /// How long all of the run takes is not known before the first row is loaded.
  private var figuresOfReading: [Figure] {
    var figures = [Figure(text: " reading", weight: 6)]
    if let rowsToRead, rowsToRead > 0 {
      let percent = min(100, rowsRead * 100 / rowsToRead)
      figures.append(Figure(text: "\(percent) %", weight: 5))
    }
    figures.append(Figure(text: Quantity.bytes(Double(bytesRead)), weight: 3))
    let total = rowsToRead.map { "/" + Quantity.grouped($0) } ?? ""
    figures.append(Figure(text: Quantity.grouped(rowsRead) + total + " rows", weight: 4))
    if seconds > 0 {
      let rowRate = Quantity.short(Double(rowsRead) / seconds)
      figures.append(Figure(text: rowRate + " rows/s", weight: 2))
      figures.append(
        Figure(text: Quantity.bytes(Double(bytesRead) / seconds) + "/s", weight: 1))
    }
    return figures
  }

  /// Nil when the total is unknown; a file that grew while being read is at most done.
  private var share: Double? {
    guard let bytesTotal else { return nil }
    return bytesTotal > 0 ? min(1, Double(bytesDone) / Double(bytesTotal)) : 1
  }

  private var bytes: String {
    let done = Quantity.bytes(Double(bytesDone))
    guard let bytesTotal else { return done }
    return done + "/" + Quantity.bytes(Double(bytesTotal))
  }

  private var secondsLeft: Double? {
    guard let share, share > 0 else { return nil }
    return seconds * (1 - share) / share
  }

  private static func joined(_ figures: [Figure]) -> String {
    figures.map(\.text).joined(separator: "  ")
  }
}
