/// A value that is seldom there, in the room of a reference: what is copied for every message must not carry
/// it along.
enum Rare<Value> {
  case absent
  indirect case present(Value)

  init(_ value: Value?) { self = value.map(Self.present) ?? .absent }

  var value: Value? {
    switch self {
    case .absent: nil
    case .present(let value): value
    }
  }

  var isAbsent: Bool {
    switch self {
    case .absent: true
    case .present: false
    }
  }
}

extension Rare: Sendable where Value: Sendable {}
