/// How a column's values go from the server's binary form into JSON.
///
/// A value is written so that Postgres reads it back as the same value, to the last digit. Types without a
/// form of their own come as the text their output function makes.
indirect enum ValueForm: Sendable, Equatable {
  /// `true` or `false`.
  case boolean
  /// A JSON number.
  case int16, int32, int64, oid
  /// The shortest JSON number that reads as the same one; a string for infinities and NaN.
  case float32, float64
  /// A JSON number with every digit of the column's scale; a string for infinities and NaN.
  case numeric
  /// A JSON string.
  case text
  /// A JSON string of 36 characters.
  case uuid
  /// A JSON string in ISO 8601, with ` BC` behind it where it is, or `infinity`.
  case date, time, timestamp, timestamptz
  /// A JSON string of `\x` and hexadecimal digits.
  case bytea
  /// The value itself, as the server writes it.
  case jsonb
  /// A JSON array, nested for each dimension, whose NULLs are null; where an index does not begin at 1,
  /// an object of `lowerBounds` and `elements`.
  case array(of: ValueForm)
  /// A JSON string of the text the server makes of it.
  case cast

  /// Decides by the object ids of `pg_type`, which are the same in every database.
  ///
  /// - Parameters:
  ///   - type: the type, of a domain its base type.
  ///   - element: the type of an array's elements; 0 for anything else.
  init(type: Int, element: Int) {
    if element != 0 {
      let form = ValueForm(scalar: element)
      // In an array, JSON's null could not be told from SQL's.
      self = form == .cast || form == .jsonb ? .cast : .array(of: form)
    } else {
      self = ValueForm(scalar: type)
    }
  }

  private init(scalar type: Int) {
    switch type {
    case 16: self = .boolean
    case 17: self = .bytea
    case 19, 25, 114, 1042, 1043: self = .text
    case 20: self = .int64
    case 21: self = .int16
    case 23: self = .int32
    case 26: self = .oid
    case 700: self = .float32
    case 701: self = .float64
    case 1082: self = .date
    case 1083: self = .time
    case 1114: self = .timestamp
    case 1184: self = .timestamptz
    case 1700: self = .numeric
    case 2950: self = .uuid
    case 3802: self = .jsonb
    default: self = .cast
    }
  }

  /// The name in manifests.
  var name: String {
    switch self {
    case .boolean: "boolean"
    case .int16, .int32, .int64, .oid, .float32, .float64, .numeric: "number"
    case .text: "text"
    case .uuid: "uuid"
    case .date: "date"
    case .time: "time"
    case .timestamp: "timestamp"
    case .timestamptz: "timestamptz"
    case .bytea: "bytea"
    case .jsonb: "json"
    case .array(let element): "array of \(element.name)"
    case .cast: "cast"
    }
  }
}
