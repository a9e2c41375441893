@testable import Pipeline

/// A text of a test that is no JSON although the test needs it to be.
struct NotJSON: Error {
  var text: String
  var failure: JSONTape.Failure?
}

/// The tape of a whole document.
func parsed(_ text: String) throws -> JSONTape {
  try parsed(Array(text.utf8))
}

/// The tape of a whole document.
func parsed(_ bytes: [UInt8]) throws -> JSONTape {
  var tape = try emptyTape()
  if let failure = tape.parse(bytes, 0..<bytes.count) {
    throw NotJSON(text: String(decoding: bytes, as: UTF8.self), failure: failure)
  }
  return tape
}

/// A tape of nothing yet.
func emptyTape() throws -> JSONTape {
  guard let tape = JSONTape() else { throw NotJSON(text: "no memory") }
  return tape
}

extension JSONTape {
  /// A member of the root that the test put there.
  func needed(_ name: StaticString) throws -> JSONValue {
    guard let value = member(root, name) else { throw NotJSON(text: "no \(name)") }
    return value
  }
}

/// Why there is no tape; nil where there is one.
func failure(_ bytes: [UInt8]) -> JSONTape.Failure? {
  guard var tape = JSONTape() else { return .memory }
  return tape.parse(bytes, 0..<bytes.count)
}

/// Canonical text of a whole document.
func canonical(_ bytes: [UInt8]) throws -> [UInt8] {
  let tape = try parsed(bytes)
  var out: [UInt8] = []
  CanonicalJSON.append(tape.root, of: tape, to: &out)
  return out
}

func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Array(bytes), as: UTF8.self) }
