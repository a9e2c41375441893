internal import Postgres

/// What the message and session rows of a batch are made of; kept from batch to batch for its memory.
struct BatchFacts: Sendable {
  private(set) var users = 0
  private(set) var assistants = 0
  private(set) var systems = 0
  private(set) var sourceRoles = NameTally()
  private(set) var models = NameTally()
  private(set) var providers = NameTally()
  private(set) var tools = NameTally()
  private(set) var days = DayTally()
  private(set) var sessionFields = NameTally()
  private(set) var messageFields = NameTally()

  /// Counts the row of a message; `entries` are the whole record's.
  mutating func count(
    _ draft: borrowing MessageDraft, _ message: PreparedMessage, entries: [MetadataEntry],
    of tape: borrowing JSONTape
  ) {
    switch message.role {
    case .user: users += 1
    case .assistant: assistants += 1
    case .system: systems += 1
    }
    if let role = message.sourceRole { sourceRoles.count(role, of: tape) }
    days.count(message.time == nil ? nil : message.created)
    models.count(draft.model, of: tape)
    providers.count(draft.provider, of: tape)
    tools.count(draft.toolName, of: tape)
    for index in draft.entries where entries[index].isLegacy {
      if case .key(let key) = entries[index].name { messageFields.count(key, of: tape) }
    }
  }

  /// Counts what a session's row has beside the fields its dialect knows.
  mutating func countSession(_ entries: ArraySlice<MetadataEntry>, of tape: borrowing JSONTape) {
    for index in entries.indices where entries[index].isLegacy {
      if case .key(let key) = entries[index].name { sessionFields.count(key, of: tape) }
    }
  }

  mutating func clear() {
    (users, assistants, systems) = (0, 0, 0)
    sourceRoles.clear()
    models.clear()
    providers.clear()
    tools.clear()
    days.clear()
    sessionFields.clear()
    messageFields.clear()
  }
}

extension RunFacts {
  /// Adds what a batch's rows are made of.
  mutating func add(_ batch: borrowing RowBatch) {
    let facts = batch.facts
    users += facts.users
    assistants += facts.assistants
    systems += facts.systems
    sourceRoles.add(facts.sourceRoles)
    models.add(facts.models)
    // Once a name, where once a row would be the row's dearest field.
    providers.add(facts.providers) { name in
      switch ProviderName.read(name) {
      case .asWritten: name
      case .respelled(let known): known
      case .none: nil
      }
    }
    tools.add(facts.tools)
    timeline.add(facts.days)
    unknownSessionFields.add(facts.sessionFields)
    unknownMessageFields.add(facts.messageFields)
    sessionRows += batch.sessions.rows.count { $0.isCounted }
    messageRows += batch.messages.rows.count
    sessionBytes += batch.sessions.countedBytes
    messageBytes += batch.messages.bytes.count - BinaryCopy.header.count
  }
}
