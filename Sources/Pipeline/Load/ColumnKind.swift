internal import Postgres

/// The column types convoy writes in binary, each with its own wire form.
enum ColumnKind: Sendable, Equatable {
  case text, uuid, jsonb, json
  case int2, int4, int8, float8
  /// Scale and digits before the point; nil where the column has neither limit.
  case numeric(scale: Int?, integerDigits: Int?)
  case timestamptz, timestamp
  /// `text[]` or `varchar[]`; each array in binary names its elements' type.
  case textArray(elementType: Int32)

  /// - Parameters:
  ///   - type: `typname` of the column's type, or of a domain's base type.
  ///   - modifier: `atttypmod`.
  init?(type: String, modifier: Int) {
    switch type {
    case "text", "varchar", "bpchar", "citext": self = .text
    case "uuid": self = .uuid
    case "jsonb": self = .jsonb
    case "json": self = .json
    case "int2": self = .int2
    case "int4": self = .int4
    case "int8": self = .int8
    case "float8": self = .float8
    case "timestamptz": self = .timestamptz
    case "timestamp": self = .timestamp
    // Object ids of text and varchar, the same in every database (PostgreSQL's pg_type.dat).
    case "_text": self = .textArray(elementType: 25)
    case "_varchar": self = .textArray(elementType: 1043)
    case "numeric":
      // numeric's modifier is precision << 16 | scale, plus the four of a varlena header.
      guard modifier >= 4 else {
        self = .numeric(scale: nil, integerDigits: nil)
        return
      }
      // Eleven bits with a sign, from PostgreSQL 15 on.
      let scale = ((modifier - 4) & 0x7FF ^ 0x400) - 0x400
      let precision = (modifier - 4) >> 16 & 0xFFFF
      self = .numeric(scale: scale, integerDigits: precision - scale)
    default: return nil
    }
  }

  var isArray: Bool {
    if case .textArray = self { true } else { false }
  }

  /// Whether a list of texts can go there as it is.
  var holdsLists: Bool { isArray || self == .jsonb }
}

extension [UInt8] {
  /// Leaves room for a field's length and says where its value begins.
  mutating func beginField() -> Int {
    append(bigEndian: Int32(0))
    return count
  }

  /// Writes the length of the field that began at `start`.
  mutating func endField(_ start: Int) {
    overwrite(bigEndian: Int32(count - start), at: start - 4)
  }

  /// Appends a field of ready bytes; nil is NULL.
  mutating func append(field: [UInt8]?) {
    guard let field else {
      appendNull()
      return
    }
    append(bigEndian: Int32(field.count))
    append(contentsOf: field)
  }

  /// Appends the head of an array value in its binary form; its elements, each a field, follow.
  ///
  /// Format: `array_recv` in PostgreSQL's `src/backend/utils/adt/arrayfuncs.c`.
  mutating func append(arrayOf count: Int, elementType: Int32, hasNull: Bool) {
    append(bigEndian: Int32(count == 0 ? 0 : 1))
    append(bigEndian: Int32(hasNull ? 1 : 0))
    append(bigEndian: elementType)
    guard count > 0 else { return }
    append(bigEndian: Int32(count))
    // The lower bound: arrays count from one.
    append(bigEndian: Int32(1))
  }

  /// Appends an id as a uuid or, where the column is text, as text.
  mutating func append(id: RowId, kind: ColumnKind) {
    guard kind == .uuid else {
      append(field: Array(id.text.utf8))
      return
    }
    append(addingCapacity: 20) { out in
      out.append(bigEndian: Int32(16))
      out.append(bigEndian: id.high)
      out.append(bigEndian: id.low)
    }
  }

  /// Appends a time; `timestamp` columns take it in UTC.
  mutating func append(time: Timestamp, kind: ColumnKind) {
    guard kind != .text else {
      append(field: Array(time.rfc3339.utf8))
      return
    }
    append(addingCapacity: 12) { out in
      out.append(bigEndian: Int32(8))
      out.append(bigEndian: time.postgresMicroseconds)
    }
  }

  /// Appends a number in the column's form; false, and nothing appended, if the column cannot hold it.
  mutating func append(number: DecimalNumber, kind: ColumnKind) -> Bool {
    switch kind {
    case .int2, .int4, .int8:
      guard let value = number.nearestInteger else { return false }
      return append(integer: value, kind: kind)
    case .float8:
      guard let value = number.doubleValue else { return false }
      append(bigEndian: Int32(8))
      append(bigEndian: value.bitPattern)
    case .numeric(let scale, let integerDigits):
      guard let rounded = scale.map({ number.rounded(scale: $0) }) ?? number,
        integerDigits.map({ rounded.integerDigitCount <= $0 }) ?? true
      else { return false }
      let start = beginField()
      rounded.appendNumeric(to: &self)
      endField(start)
    case .text, .uuid, .json, .jsonb, .timestamp, .timestamptz, .textArray: return false
    }
    return true
  }

  private mutating func append(integer value: Int64, kind: ColumnKind) -> Bool {
    switch kind {
    case .int2:
      guard let narrow = Int16(exactly: value) else { return false }
      append(bigEndian: Int32(2))
      append(bigEndian: narrow)
    case .int4:
      guard let narrow = Int32(exactly: value) else { return false }
      append(addingCapacity: 8) { out in
        out.append(bigEndian: Int32(4))
        out.append(bigEndian: narrow)
      }
    default:
      append(bigEndian: Int32(8))
      append(bigEndian: value)
    }
    return true
  }
}
