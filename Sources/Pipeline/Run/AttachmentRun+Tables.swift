internal import Archive
internal import ObjectStore
internal import Postgres

/// Files of the tables that a run's dumps have.
extension AttachmentRun {
  /// A file whose row says what it was.
  struct Recorded {
    let record: FileRecord
    /// Index into the claims' files.
    let file: Int
  }

  /// Adds a claim for each session of each row whose bytes are there, and rejects the other rows.
  ///
  /// The sessions are those of the conversations that have the file, and those whose messages cite it.
  /// - Returns: the rows, to be compared with the bytes.
  func add(
    tables: FileTables, citedIn citations: [FileCitation], to found: inout ClaimedFiles,
    _ control: borrowing PostgresConnection, _ totals: RunTotals, _ rejects: RejectFile
  ) throws -> [Recorded] {
    let records = try tables.records()
    for refused in records.refused {
      try refuse(refused.row, refused.rule, refused.message, totals, rejects)
    }
    let links = try links(of: records, tables, control)
    let citing = Dictionary(grouping: citations, by: \.id)
    let citingLinks = try sessions(citing: citations, control)
    var recorded: [Recorded] = []
    for record in records.files {
      totals.update { sums in
        for copy in record.copies {
          sums.tallies[Int(copy.input)].files.read += 1
          sums.tallies[Int(copy.input)].files.merged += 1
        }
      }
      guard let file = try index(of: record, in: &found, totals, rejects) else { continue }
      recorded.append(Recorded(record: record, file: file))
      var sessions = CitingSessions(record.citableAs.flatMap { citing[$0] ?? [] })
      if record.conversations.isEmpty, sessions.isEmpty {
        totals.update {
          $0.findings.note(
            .fileUnlinked, at: record.row.place, "\(record.storagePath) belongs to no session")
        }
        found.claims.add(claim(of: record, file, .none, nil))
      }
      for conversation in record.conversations {
        guard let link = links[conversation] else { continue }
        var claim = claim(of: record, file, link, conversation)
        claim.messages = sessions.take(
          RowId(uuid: conversation), named: name(of: conversation, tables))
        found.claims.add(claim)
      }
      for citation in sessions.rest {
        guard let link = citingLinks[citation.session] else { continue }
        var claim = claim(of: record, file, link, nil)
        claim.messages = citation.messages.map(\.message)
        found.claims.add(claim)
      }
    }
    return recorded
  }

  private func claim(
    of record: FileRecord, _ file: Int, _ link: FileClaim.Link, _ conversation: String?
  ) -> FileClaim {
    var claim = FileClaim(record, file: file, link: link, conversation)
    if let text = record.row.value("created_at") {
      let time = ParsedTime(Array(text.utf8).span)
      claim.time = WrittenTime(time, in: plan.transform.zones[.messagesDump])?.instant
    }
    return claim
  }

  /// Tells of files whose bytes are not those that their rows tell of.
  func compare(_ recorded: [Recorded], _ contents: [HashedContent?], _ totals: RunTotals) {
    for one in recorded {
      guard let content = contents[one.file] else { continue }
      var differences: [String] = []
      if let sha256 = one.record.sha256, sha256.lowercased() != content.digest.hexadecimal {
        differences.append("its SHA-256 is \(content.digest.hexadecimal), the row has \(sha256)")
      }
      if let count = one.record.byteCount, count != content.byteCount {
        differences.append("it has \(content.byteCount) bytes, the row says \(count)")
      }
      guard !differences.isEmpty else { continue }
      totals.update {
        $0.findings.note(
          .fileDiffers, at: one.record.row.place, field: "sha256",
          "\(one.record.storagePath): \(differences.joined(separator: "; "))")
      }
    }
  }

  /// The file that holds the bytes of a row; nil where there is none, and the row is rejected.
  private func index(
    of record: FileRecord, in found: inout ClaimedFiles, _ totals: RunTotals, _ rejects: RejectFile
  ) throws(RunError) -> Int? {
    for place in record.places {
      guard case .file(let file) = attach.roots?.find(Array(place.utf8)) else { continue }
      let size = file.state.size
      guard let limit = facts.sizeLimitBytes, size > limit else {
        return found.index(of: file.path, size: size, state: file.state)
      }
      totals.update { sums in
        sums.files.tooLarge += 1
        sums.files.tooLargeBytes += size
      }
      let message = "\(file.path.text) has \(size) bytes, and the store takes \(limit)"
      try refuse(record.row, .fileTooLarge, message, totals, rejects)
      return nil
    }
    let message = "\(record.storagePath): no file below attach.roots has its bytes"
    try refuse(record.row, .fileAbsent, message, totals, rejects)
    return nil
  }

  private func refuse(
    _ row: FileRow, _ rule: Rule, _ message: String, _ totals: RunTotals, _ rejects: RejectFile
  ) throws(RunError) {
    try totals.refuseFile(
      Reject(
        kind: .file, input: plan.inputs[Int(row.place.input)].path, place: row.place,
        stage: .extract, rule: rule, message: message, bytes: row.source), in: rejects)
  }

  /// What a conversation is called, as far as its own row was met.
  private func name(of conversation: String, _ tables: FileTables) -> String {
    tables.continuationId(of: Array(conversation.utf8))
      .map { String(decoding: $0, as: UTF8.self) } ?? conversation
  }

  /// The sessions that messages are in which cite files.
  private func sessions(
    citing citations: [FileCitation], _ control: borrowing PostgresConnection
  ) throws(PostgresError) -> [RowId: FileClaim.Link] {
    // Of a session that a load would make, a dry run knows the id.
    let known =
      plan.options.isDryRun
      ? try FileStatements.sessions(Array(Set(citations.map(\.continuationId))), control) : [:]
    var links: [RowId: FileClaim.Link] = [:]
    for citation in citations {
      let isMade = plan.options.isDryRun && known[citation.continuationId] == nil
      links[citation.session] =
        isMade ? .session(citation.session) : .continuation(citation.continuationId)
    }
    return links
  }

  /// The sessions that conversations with files have become.
  private func links(
    of records: FileRecords, _ tables: FileTables, _ control: borrowing PostgresConnection
  ) throws(PostgresError) -> [String: FileClaim.Link] {
    let conversations = Set(records.files.flatMap(\.conversations)).sorted()
    var links: [String: FileClaim.Link] = [:]
    for start in stride(from: 0, to: conversations.count, by: 1000) {
      let chunk = conversations[start..<min(start + 1000, conversations.count)]
      var names: [String: String] = [:]
      var met: Set<String> = []
      for conversation in chunk {
        let name = tables.continuationId(of: Array(conversation.utf8))
        names[conversation] = name.map { String(decoding: $0, as: UTF8.self) } ?? conversation
        if name != nil { met.insert(conversation) }
      }
      let known = try FileStatements.sessions(names.values.sorted(), control)
      let ids = chunk.compactMap { conversation in
        names[conversation].flatMap { known[$0] } == nil ? RowId(uuid: conversation) : nil
      }
      let kept = try FileStatements.sessions(ids: ids, control)
      for conversation in chunk {
        let name = names[conversation] ?? conversation
        links[conversation] = .continuation(name)
        guard known[name] == nil, let id = RowId(uuid: conversation) else { continue }
        // Of a session that a load would make, a dry run knows the id.
        if kept.contains(id) || plan.options.isDryRun && met.contains(conversation) {
          links[conversation] = .session(id)
        }
      }
    }
    return links
  }
}

extension FileClaim {
  /// A file of one session, as its row has it.
  fileprivate init(_ record: FileRecord, file: Int, link: Link, _ conversation: String?) {
    self.init(
      file: file, name: record.filename, path: record.storagePath, link: link,
      place: record.row.place)
    if let path = record.originalPath {
      metadata += Array(#""original_path":"#.utf8)
      metadata.appendJSONString(path.utf8)
    }
    // A conversation has no other name before its own row is met.
    formerName = conversation
    rows = [record.json]
    if !record.uploads.isEmpty { lists[.providerUploads] = record.uploads }
    mediaType = record.row.value("mime_type")
  }
}

/// Files that are to be stored, and the state each was found in.
struct ClaimedFiles {
  var claims = FileClaims()
  /// By index of the file; nil of one that nobody but this run can have changed.
  private(set) var states: [FileState?] = []
  private var places: [RawPath: Int] = [:]

  /// The index of the file at a path, which is added if it is new.
  mutating func index(of path: RawPath, size: Int, state: FileState?) -> Int {
    if let known = places[path] { return known }
    let index = claims.add(FileClaims.File(path: path, size: size))
    places[path] = index
    states.append(state)
    return index
  }
}
