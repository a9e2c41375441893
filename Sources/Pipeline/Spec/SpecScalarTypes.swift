extension SpecType where Value == String {
  /// Text that a column can hold and that is not empty.
  static let text = SpecType(
    "text", allowed: nil, expected: "text that is not empty",
    parse: { $0.text.isEmpty || $0.text.contains("\0") ? nil : $0.text }, show: SpecText.quoted)

  /// A shell command, which may hold a secret and is never shown.
  static let command = SpecType("text", allowed: nil, show: { _ in "" }) { node, check in
    guard let text = node.scalar?.text, !text.isEmpty, !text.contains("\0") else {
      check.refuse(node, "must be a shell command")
      return nil
    }
    return text
  }

  static let name = SpecType(
    "name", allowed: "a-z, 0-9 and -", expected: "a name of a-z, 0-9 and -",
    parse: { SpecText.isName($0.text) ? $0.text : nil }, show: SpecText.quoted)

  static let timeZone = SpecType(
    "time zone", allowed: "IANA zones", expected: "an IANA zone such as Australia/Melbourne",
    parse: { SpecText.isZone($0.text) ? $0.text : nil }, show: SpecText.quoted)
}

extension SpecType where Value == Int {
  /// A whole number; a range up to the greatest of all is shown as one without an end.
  static func integer(_ range: ClosedRange<Int>) -> SpecType {
    let allowed =
      range.upperBound == .max
      ? "\(range.lowerBound) or more" : "\(range.lowerBound)…\(range.upperBound)"
    return SpecType("whole number", allowed: allowed, show: { "\($0)" }) { node, check in
      guard let scalar = node.scalar, scalar.isBare, let number = WholeNumber.parse(scalar.text)
      else {
        check.refuse(
          node, "must be a whole number \(allowed), is \(node.shown)", allowed: allowed)
        return nil
      }
      guard range.contains(number) else {
        check.refuse(node, "must be \(allowed), is \(number)", allowed: allowed)
        return nil
      }
      return number
    }
  }

  static func bytes(_ range: ClosedRange<Int>) -> SpecType {
    measure(
      "size", "bytes, or a number with KiB, MiB or GiB", range, parse: ByteSize.bytes,
      show: ByteSize.text)
  }

  /// A length of time, in seconds.
  static func duration(_ range: ClosedRange<Int>) -> SpecType {
    measure(
      "duration", "0 or a number with s, m, h or d", range, parse: SpecDuration.seconds,
      show: SpecDuration.text)
  }

  /// A number with a unit, in a range.
  private static func measure(
    _ name: String, _ forms: String, _ range: ClosedRange<Int>,
    parse: @escaping @Sendable (String) -> Int?, show: @escaping @Sendable (Int) -> String
  ) -> SpecType {
    let allowed = "\(show(range.lowerBound))…\(show(range.upperBound))"
    return SpecType(name, allowed: allowed, show: show) { node, check in
      guard let scalar = node.scalar, let value = parse(scalar.text) else {
        check.refuse(
          node, "must be \(forms), \(allowed), is \(node.shown)", allowed: allowed)
        return nil
      }
      guard range.contains(value) else {
        check.refuse(node, "must be \(allowed), is \(scalar.text)", allowed: allowed)
        return nil
      }
      return value
    }
  }
}

extension SpecType where Value == Double {
  /// A share, from 0 to 1.
  static let ratio = SpecType(
    "number", allowed: "0…1", expected: "a number 0…1",
    parse: { scalar in
      guard scalar.isBare, let number = Double(scalar.text), (0...1).contains(number) else {
        return nil
      }
      return number
    }, show: { "\($0)" })
}

extension SpecType where Value == Int64 {
  /// A date or an RFC 3339 time, in microseconds since 1970.
  static let time = SpecType(
    "time", allowed: "YYYY-MM-DD or RFC 3339",
    expected: "a date such as 2024-01-31 or a time such as 2024-01-31T09:30:00Z",
    parse: { SpecTime.microseconds($0.text) }, show: SpecTime.text)
}

extension SpecType where Value: CaseIterable & RawRepresentable<String> {
  /// One of the cases of a closed set.
  static var choice: SpecType {
    let allowed = Value.allCases.map(\.rawValue).joined(separator: ", ")
    return SpecType(
      "choice", allowed: allowed, expected: "one of \(allowed)",
      parse: { Value(rawValue: $0.text) }, show: \.rawValue)
  }
}

extension SpecType where Value == LoadTarget {
  /// Reads and refuses without ever showing the value.
  static let target = SpecType(
    "target", allowed: LoadTarget.forms, show: \.description
  ) { node, check in
    if let scalar = node.scalar, LoadTarget.holdsPassword(scalar.written) {
      check.refuse(
        node,
        "must not hold a password; put the password in PGPASSWORD, a service file or a pass file",
        allowed: LoadTarget.forms)
      return nil
    }
    guard let scalar = node.scalar, let target = LoadTarget(scalar.text) else {
      check.refuse(node, "must be \(LoadTarget.forms)", allowed: LoadTarget.forms)
      return nil
    }
    return target
  }
}
