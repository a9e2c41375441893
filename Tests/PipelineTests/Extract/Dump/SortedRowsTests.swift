internal import Foundation
internal import Testing

@testable import Pipeline

/// A number, and a tail that makes rows differ in length.
private struct NumberRow: OrderedRow, Equatable {
  var number: UInt64
  var length: Int

  init(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) {
    number = bytes.little(at: range.lowerBound, as: UInt64.self)
    length = range.count
  }

  static func precedes(_ left: Self, _: [UInt8], _ right: Self, _: [UInt8]) -> Bool {
    left.number < right.number
  }
}

@Suite struct SortedRowsTests {
  /// Runs of rows; each has its number, and as many bytes behind it as the number says, up to some KiB.
  private static func rows(_ runs: [[UInt64]]) throws -> SortedRows<NumberRow> {
    var rows = SortedRows<NumberRow>(in: FileManager.default.temporaryDirectory.path)
    for run in runs.map({ $0.sorted() }) {
      try rows.addRun(rows: run.count) { index, out in
        out.append(little: run[index])
        out += Array(repeating: 7, count: Int(run[index] % 9_000))
      }
    }
    try rows.begin()
    return rows
  }

  private static func rest(_ rows: inout SortedRows<NumberRow>) throws -> [UInt64] {
    var found: [UInt64] = []
    while let row = rows.first {
      #expect(row.length == 8 + Int(row.number % 9_000))
      found.append(row.number)
      try rows.pass()
    }
    return found
  }

  @Test(arguments: [0, 1, 2, 7, 40])
  func `rows of any number of runs come in one order, and any stretch of them again`(runs: Int)
    throws
  {
    var random = SeededNumbers(seed: UInt64(runs))
    let numbers = (0..<runs).map { run in
      // One run is empty, and numbers stand in several.
      (0..<(run == 3 ? 0 : 60)).map { _ in UInt64.random(in: 0..<30_000, using: &random) / 10 * 10 }
    }
    let sorted = numbers.joined().sorted()
    var rows = try Self.rows(numbers)
    let start = rows.position
    var positions: [(count: Int, place: SortedRows<NumberRow>.Position)] = []
    for count in 0..<sorted.count {
      if count % 97 == 0 { positions.append((count, rows.position)) }
      #expect(rows.first?.number == sorted[count])
      try rows.pass()
    }
    #expect(rows.first == nil)
    for (count, place) in positions.shuffled(using: &random) {
      try rows.go(to: place)
      #expect(try Self.rest(&rows) == Array(sorted[count...]))
    }
    try rows.go(to: start)
    #expect(try Self.rest(&rows) == sorted)
  }

  @Test func `a row longer than what is read at once comes whole`() throws {
    var rows = SortedRows<NumberRow>(in: FileManager.default.temporaryDirectory.path)
    try rows.addRun(rows: 3) { index, out in
      out.append(little: UInt64(index))
      out += Array(repeating: 7, count: index == 1 ? 3 << 20 : 10)
    }
    try rows.begin()
    var lengths: [Int] = []
    while let row = rows.first {
      lengths.append(row.length)
      try rows.pass()
    }
    #expect(lengths == [18, 8 + (3 << 20), 18])
  }
}
