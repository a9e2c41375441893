/// A row of a table of files that messages of one session cite by an id.
struct FileCitation: Sendable {
  /// A message, and where it stood.
  struct Citing: Sendable {
    let message: RowId
    let place: Place

    func precedes(_ other: Self) -> Bool {
      (place.input, place.byteOffset, message.high, message.low)
        < (other.place.input, other.place.byteOffset, other.message.high, other.message.low)
    }
  }

  /// What they cite it as.
  let id: String
  /// The session by its id here; the target may have it under another one.
  let session: RowId
  let continuationId: String
  /// Never empty; in the order of the inputs.
  var messages: [Citing]
}

/// The sessions whose messages cite one file, each once, until a conversation that has the file takes its own out.
struct CitingSessions {
  private var citations: [FileCitation?] = []
  private var places: [RowId: Int] = [:]
  private var names: [String: Int] = [:]

  init(_ citations: some Sequence<FileCitation>) {
    for citation in citations {
      if let known = places[citation.session] {
        self.citations[known]?.messages += citation.messages
        continue
      }
      places[citation.session] = self.citations.count
      names[citation.continuationId] = self.citations.count
      self.citations.append(citation)
    }
  }

  /// Those that no conversation has taken out, in the order they came in.
  var rest: [FileCitation] { citations.compactMap(\.self) }

  var isEmpty: Bool { citations.allSatisfy { $0 == nil } }

  /// Takes out what messages of a session cite, which has an id or another name.
  mutating func take(_ session: RowId?, named name: String) -> [RowId] {
    guard let place = session.flatMap({ places[$0] }) ?? names[name] else { return [] }
    defer { citations[place] = nil }
    return citations[place]?.messages.map(\.message) ?? []
  }
}
