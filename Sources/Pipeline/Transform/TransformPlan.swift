/// Section `transform` of a pipeline, checked and made ready; nothing in it is optional by mistake.
///
/// A class because it is lent for every message: one reference is counted then, not one for each of its
/// parts.
final class TransformPlan: Sendable {
  let userId: [UInt8]
  let title: TitleRule
  let titleLength: Int
  let zones: ZoneTable<SourceFormat>
  let possible: ClosedRange<Timestamp>
  let since: Timestamp?
  let until: Timestamp?
  let roles: [String: StoredRole]
  let text: TextPolicy
  let stripsHistoryBlocks: Bool
  let nullText: NullText
  let embeddings: EmbeddingPolicy
  /// Secrets that are replaced in what is stored.
  let redacted: Set<SecretKind>
  let ids: IdScheme
  let keepsUnmapped: Bool
  let keepsProvenance: Bool
  /// Members of every session's metadata as JSON text, each with a comma before it.
  let addedMetadata: [UInt8]

  init(_ spec: TransformSpec) throws(RunError) {
    let zones = try ZoneTable(spec.timeZone, key: "transform.timeZone")
    guard spec.earliestMicroseconds <= spec.latestMicroseconds else {
      throw RunError(.badPipeline, "transform.earliest is later than transform.latest")
    }
    for name in spec.metadata.add.keys.sorted() where Self.ownNames.contains(name) {
      throw RunError(
        .badPipeline, "transform.metadata.add.\(name): hides what the source has under that name",
        hint: "use another name")
    }
    userId = Array(spec.userId.utf8)
    title = spec.title
    titleLength = spec.titleLength
    self.zones = zones
    possible =
      Timestamp(
        microseconds: spec.earliestMicroseconds)...Timestamp(microseconds: spec.latestMicroseconds)
    since = spec.sinceMicroseconds.map(Timestamp.init(microseconds:))
    until = spec.untilMicroseconds.map(Timestamp.init(microseconds:))
    roles = spec.roles
    text = spec.text
    stripsHistoryBlocks = spec.historyBlocks == .strip
    nullText = spec.nullText
    embeddings = spec.embeddings
    redacted = spec.redact
    ids = spec.ids
    keepsUnmapped = spec.metadata.unmapped == .keep
    keepsProvenance = spec.metadata.provenance == .keep
    var added: [UInt8] = []
    for (name, value) in spec.metadata.add.sorted(by: { $0.key < $1.key }) {
      added.append(UInt8(ascii: ","))
      added.appendJSONString(name.utf8)
      added.append(UInt8(ascii: ":"))
      added.appendJSONString(value.utf8)
    }
    addedMetadata = added
  }

  /// What sessions' metadata has from their sources; jsonb keeps only the last of two equal names.
  private static let ownNames: Set<String> = [
    "legacy", "parent_continuation_id", "tool_name", "initial_context", "session_fingerprint",
    "client_friendly_name", "tools", "functions",
  ]

  /// What the text policy makes of characters PostgreSQL refuses.
  var refusedText: RefusedText { text.refused }
}
