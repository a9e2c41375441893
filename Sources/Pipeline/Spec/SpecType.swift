/// How the value of a key is read, checked and shown; generic in what it is read into.
struct SpecType<Value: Sendable>: Sendable {
  /// Name for the key reference.
  let name: String
  /// The values allowed, in a few words.
  let allowed: String?
  /// Whether keys below this one are the user's own.
  var isMap = false
  /// Reads a node whose variables are replaced and that is not null; nil after refusing it.
  let read: @Sendable (SpecNode, inout SpecCheck) -> Value?
  /// Text of a value: two values have the same one only if they are equal; a target shows no secret instead.
  let show: @Sendable (Value) -> String

  /// A type read from one scalar, refused with "must be `expected`".
  init(
    _ name: String, allowed: String?, expected: String,
    parse: @escaping @Sendable (SpecNode.Scalar) -> Value?,
    show: @escaping @Sendable (Value) -> String
  ) {
    self.init(name, allowed: allowed, show: show) { node, check in
      guard let scalar = node.scalar, !scalar.isNull, let value = parse(scalar) else {
        check.refuse(node, "must be \(expected), is \(node.shown)", allowed: allowed)
        return nil
      }
      return value
    }
  }

  init(
    _ name: String, allowed: String?, isMap: Bool = false,
    show: @escaping @Sendable (Value) -> String,
    read: @escaping @Sendable (SpecNode, inout SpecCheck) -> Value?
  ) {
    self.name = name
    self.allowed = allowed
    self.isMap = isMap
    self.read = read
    self.show = show
  }

  /// The same type for a key whose absence means something.
  var optional: SpecType<Value?> {
    SpecType<Value?>(
      name, allowed: allowed, isMap: isMap, show: { [show] in $0.map(show) ?? "null" }
    ) { [read] node, check in read(node, &check) }
  }
}
