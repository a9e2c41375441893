/// Stores whose times may come without their zone.
public protocol TimeWriter: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
  /// IANA zone that the store wrote such times in.
  var ownTimeZone: String { get }
}

/// The zones of times written without one, by the store that wrote them.
public struct TimeZones<Store: TimeWriter>: Sendable, Hashable {
  private var zones: [Store: String]

  /// Makes the zones that the stores wrote in.
  public init() {
    zones = Dictionary(uniqueKeysWithValues: Store.allCases.map { ($0, $0.ownTimeZone) })
  }

  /// Makes one zone of all stores.
  public init(_ zone: String) {
    zones = Dictionary(uniqueKeysWithValues: Store.allCases.map { ($0, zone) })
  }

  /// IANA zone of a store's times.
  public subscript(store: Store) -> String {
    get { zones[store] ?? store.ownTimeZone }
    set { zones[store] = newValue }
  }

  /// The zones of some stores in words: one for all of them, else each store with its own.
  func text(of stores: [Store]) -> String {
    let names = Set(stores.map { self[$0] })
    guard names.count > 1 else { return names.first ?? "" }
    return stores.map { "\($0.rawValue): \(self[$0])" }.joined(separator: ", ")
  }
}

extension SourceFormat: TimeWriter {
  /// Agents noted local time, which of the product's own is that of Melbourne; all else is in UTC.
  public var ownTimeZone: String {
    switch self {
    case .agentMemory: "Australia/Melbourne"
    case .threads, .chatHistory, .openAIChat, .requestResponse, .toolCalls, .auggie,
      .conversationTracker, .messagesDump, .conversationsTable:
      "UTC"
    }
  }
}

extension SpecType {
  /// A zone for all stores, or one for each of some.
  static func timeZones<Store>() -> SpecType where Value == TimeZones<Store> {
    let zone = SpecType<String>.timeZone
    let stores = Store.allCases.map(\.rawValue).joined(separator: ", ")
    return SpecType(
      "time zone, or mapping to time zone", allowed: zone.allowed, isMap: true,
      show: { zones in
        let text = zones.text(of: Array(Store.allCases))
        return text.contains(":") ? "{\(text)}" : text
      }
    ) { node, check in
      guard case .mapping(let entries) = node.content else {
        return zone.read(node, &check).map { TimeZones($0) }
      }
      var zones = TimeZones<Store>()
      for entry in entries {
        guard let store = Store(rawValue: entry.key) else {
          let meant = SpecSuggestion.nearest(
            to: entry.key, in: Store.allCases.map(\.rawValue))
          check.refuse(
            entry.node,
            "no store has this name" + (meant.map { "; did you mean \($0)?" } ?? ""),
            allowed: stores)
          continue
        }
        if let name = zone.read(entry.node, &check) { zones[store] = name }
      }
      return zones
    }
  }
}
