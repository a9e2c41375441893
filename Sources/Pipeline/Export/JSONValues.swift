extension [UInt8] {
  /// Appends one value that is not NULL.
  ///
  /// - Parameters:
  ///   - form: how.
  ///   - row: holds the value in the form its type's send function gives it.
  ///   - range: where.
  mutating func append(_ form: ValueForm, _ row: borrowing Span<UInt8>, _ range: Range<Int>) {
    let start = range.lowerBound
    switch form {
    case .text, .cast: appendJSONString(row, range)
    case .uuid: appendUUID(row, at: start)
    case .timestamptz: append(timestamp: row.integer(at: start), suffix: "+00:00")
    case .timestamp: append(timestamp: row.integer(at: start), suffix: "")
    case .date: append(date: row.integer(at: start))
    case .time:
      append(UInt8(ascii: "\""))
      append(timeOfDay: row.integer(at: start))
      append(UInt8(ascii: "\""))
    // A byte for the version of the binary form comes first; there is one version.
    case .jsonb:
      append(addingCapacity: range.count - 1) { $0.append(start + 1..<range.upperBound, of: row) }
    case .int32: append(decimal: Int(row.integer(at: start, as: Int32.self)))
    case .int64: append(decimal: Int(row.integer(at: start, as: Int64.self)))
    case .int16: append(decimal: Int(row.integer(at: start, as: Int16.self)))
    case .oid: append(decimal: Int(row.integer(at: start, as: UInt32.self)))
    case .boolean: append(staticText: row[start] == 0 ? "false" : "true")
    case .numeric: appendNumeric(row, at: start)
    case .float64: append(float: Double(bitPattern: row.integer(at: start)))
    case .float32: append(float: Float(bitPattern: row.integer(at: start)))
    case .bytea:
      append(staticText: "\"\\\\x")
      for index in range { append(hexadecimal: row[index]) }
      append(UInt8(ascii: "\""))
    case .array(let element): appendArray(of: element, row, at: start)
    }
  }

  private mutating func appendUUID(_ row: borrowing Span<UInt8>, at start: Int) {
    append(UInt8(ascii: "\""))
    for index in 0..<16 {
      if index == 4 || index == 6 || index == 8 || index == 10 { append(UInt8(ascii: "-")) }
      append(hexadecimal: row[start + index])
    }
    append(UInt8(ascii: "\""))
  }

  /// Swift writes the shortest digits that read as the same number, as the server does.
  private mutating func append(float value: some BinaryFloatingPoint & CustomStringConvertible) {
    if value.isNaN {
      append(staticText: "\"NaN\"")
    } else if value.isInfinite {
      append(staticText: value < 0 ? "\"-Infinity\"" : "\"Infinity\"")
    } else {
      append(contentsOf: value.description.utf8)
    }
  }

  /// Digits to base 10 000 with the place of the first one, sign and count of decimals (numeric_send in the
  /// server's src/backend/utils/adt/numeric.c).
  private mutating func appendNumeric(_ row: borrowing Span<UInt8>, at start: Int) {
    let digitCount = Int(row.integer(at: start, as: UInt16.self))
    let weight = Int(row.integer(at: start + 2, as: Int16.self))
    let sign = row.integer(at: start + 4, as: UInt16.self)
    let scale = Int(row.integer(at: start + 6, as: UInt16.self))
    switch sign {
    case 0xC000: return append(staticText: "\"NaN\"")
    case 0xD000: return append(staticText: "\"Infinity\"")
    case 0xF000: return append(staticText: "\"-Infinity\"")
    case 0x4000: append(UInt8(ascii: "-"))
    default: break
    }
    func digit(_ place: Int) -> Int {
      let index = weight - place
      guard index >= 0, index < digitCount else { return 0 }
      return Int(row.integer(at: start + 8 + 2 * index, as: UInt16.self))
    }
    append(decimal: weight < 0 ? 0 : digit(weight))
    for place in stride(from: weight - 1, through: 0, by: -1) {
      append(decimal: digit(place), digits: 4)
    }
    guard scale > 0 else { return }
    append(UInt8(ascii: "."))
    let end = count + scale
    var place = -1
    while count < end {
      append(decimal: digit(place), digits: 4)
      place -= 1
    }
    removeLast(count - end)
  }

  /// Dimensions, then elements with their lengths (array_send in the server's
  /// src/backend/utils/adt/arrayfuncs.c).
  private mutating func appendArray(
    of element: ValueForm, _ row: borrowing Span<UInt8>, at start: Int
  ) {
    let dimensions = Int(row.integer(at: start, as: Int32.self))
    guard dimensions > 0 else { return append(staticText: "[]") }
    let sizes = (0..<dimensions).map { Int(row.integer(at: start + 12 + 8 * $0, as: Int32.self)) }
    let bounds = (0..<dimensions).map { Int(row.integer(at: start + 16 + 8 * $0, as: Int32.self)) }
    let isPlain = bounds.allSatisfy { $0 == 1 }
    if !isPlain {
      append(staticText: "{\"lowerBounds\":[")
      for (index, bound) in bounds.enumerated() {
        if index > 0 { append(UInt8(ascii: ",")) }
        append(decimal: bound)
      }
      append(staticText: "],\"elements\":")
    }
    // Elements after which a dimension, from the outermost on, is full.
    let strides = (0..<dimensions).map { sizes[$0...].reduce(1, *) }
    var at = start + 12 + 8 * dimensions
    for index in 0..<strides[0] {
      if index > 0 { append(UInt8(ascii: ",")) }
      for stride in strides where index % stride == 0 { append(UInt8(ascii: "[")) }
      let count = Int(row.integer(at: at, as: Int32.self))
      at += 4
      if count < 0 {
        append(staticText: "null")
      } else {
        append(element, row, at..<at + count)
        at += count
      }
      for stride in strides where (index + 1) % stride == 0 { append(UInt8(ascii: "]")) }
    }
    if !isPlain { append(UInt8(ascii: "}")) }
  }
}
