internal import Testing

@testable internal import Pipeline

@Suite struct ProgressTests {
  private static let half = ProgressSnapshot(
    bytesDone: 168_000_000, bytesTotal: 395_000_000, rows: 171_234, rejects: 2, batches: 40,
    seconds: 2.6)

  @Test(arguments: [
    (half, "  42 %  168 MB/395 MB  171 234 rows  66 k rows/s  65 MB/s  ETA 0:04  2 rejected"),
    (
      ProgressSnapshot(bytesDone: 5_200_000, bytesTotal: nil, rows: 900, batches: 2, seconds: 2),
      "5.2 MB  900 rows  450 rows/s  2.6 MB/s"
    ),
    (
      ProgressSnapshot(bytesDone: 1000, bytesTotal: 1000, rows: 4, batches: 1, seconds: 1),
      " 100 %  1.0 kB/1.0 kB  4 rows  4 rows/s  1.0 kB/s  ETA 0:00"
    ),
    (ProgressSnapshot(bytesTotal: 999_600), "   0 %  0 B/1.0 MB  0 rows"),
    (
      ProgressSnapshot(bytesDone: 10, bytesTotal: 0, rows: 1, batches: 1, seconds: 1),
      " 100 %  10 B/0 B  1 rows  1 rows/s  10 B/s  ETA 0:00"
    ),
    (
      ProgressSnapshot(
        bytesDone: 1_000_000_000_000, bytesTotal: 9_000_000_000_000_000, rows: 12_345_678_901,
        rejects: 1_000_000, batches: 250_000, seconds: 3600),
      "   0 %  1.0 TB/9.0 PB  12 345 678 901 rows  3.4 M rows/s  278 MB/s  ETA 8999:00:00"
        + "  1 000 000 rejected"
    ),
  ])
  func `the line says what is known`(snapshot: ProgressSnapshot, line: String) {
    #expect(snapshot.line(width: .max) == line)
  }

  @Test(arguments: [
    (
      Int?.some(4_000_000),
      " reading  25 %  1.2 GB  1 000 000/4 000 000 rows  100 k rows/s  120 MB/s"
    ),
    (nil, " reading  1.2 GB  1 000 000 rows  100 k rows/s  120 MB/s"),
  ])
  func `rows that wait for the rest of their session are told of until the first are loaded`(
    expected: Int?, line: String
  ) {
    let progress = Progress(bytesTotal: 5_000_000)
    if let expected { progress.expectRead(rows: expected) }
    progress.read(bytes: 700_000_000, rows: 600_000)
    progress.read(bytes: 500_000_000, rows: 400_000)
    var snapshot = progress.snapshot()
    snapshot.seconds = 10
    #expect(snapshot.line(width: .max) == line)
    let short = expected == nil ? " reading  1.2 GB  1 000 000 rows" : " reading  25 %"
    #expect(snapshot.line(width: 32) == short)
    progress.add(bytes: 5_000_000, rows: 10, rejects: 0)
    snapshot = progress.snapshot()
    snapshot.seconds = 10
    #expect(
      snapshot.line(width: .max)
        == " 100 %  5.0 MB/5.0 MB  10 rows  1 rows/s  500 kB/s  ETA 0:00")
  }

  @Test(arguments: [
    (79, "  42 %  168 MB/395 MB  171 234 rows  66 k rows/s  65 MB/s  ETA 0:04  2 rejected"),
    (78, "  42 %  168 MB/395 MB  171 234 rows  66 k rows/s  ETA 0:04  2 rejected"),
    (60, "  42 %  168 MB/395 MB  171 234 rows  ETA 0:04  2 rejected"),
    (50, "  42 %  171 234 rows  ETA 0:04  2 rejected"), (40, "  42 %  171 234 rows  2 rejected"),
    (20, "  42 %  2 rejected"), (10, "2 rejected"), (4, "2 re"), (0, ""), (-1, ""),
  ])
  func `a narrow terminal loses whole figures, the least telling first`(width: Int, line: String) {
    #expect(Self.half.line(width: width) == line)
  }

  @Test func `batches of several workers add up`() async {
    let progress = Progress(bytesTotal: 8000)
    await withTaskGroup { group in
      for _ in 0..<8 {
        group.addTask { for _ in 0..<100 { progress.add(bytes: 10, rows: 3, rejects: 1) } }
      }
    }
    var snapshot = progress.snapshot()
    #expect(snapshot.seconds > 0)
    snapshot.seconds = 0
    #expect(
      snapshot
        == ProgressSnapshot(
          bytesDone: 8000, bytesTotal: 8000, rows: 2400, rejects: 800, batches: 800))
  }
}
