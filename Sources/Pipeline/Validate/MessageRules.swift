/// The rules about messages of which there can be rows: each says what it finds and changes nothing.
struct MessageRules {
  let settings: RuleSettings
  let redacted: Set<SecretKind>
  private let scansForSecrets: Bool
  private let digestsTexts: Bool
  private var files: FileMissing

  /// Whether what files lead to is kept with the message.
  private let attachesFiles: Bool

  /// Rows about files, all of which have been read; nil where these are not attached.
  private let tables: FileTables?

  /// `attached` are the roots below which files are attached; nil for none.
  init(
    _ settings: RuleSettings, redacting redacted: Set<SecretKind>, attached: MentionRoots?,
    tables: FileTables? = nil
  ) {
    self.settings = settings
    self.redacted = redacted
    scansForSecrets =
      settings.isOn(.secretFound) || settings.isOn(.secretRedacted) || !redacted.isEmpty
    digestsTexts = settings.isOn(.contentTwoWriters) || settings.isOn(.contentRepeated)
    files = FileMissing(roots: attached ?? settings.fileRoots)
    attachesFiles = attached != nil
    self.tables = tables
  }

  /// Applies the rules to a message, and those about its place among others unless it `isAlone`.
  ///
  /// - Returns: the digest of a text that may be in other sessions too.
  mutating func check(
    _ draft: MessageDraft, _ message: inout PreparedMessage, entries: ArraySlice<MetadataEntry>,
    isAlone: Bool, session: inout SessionTurns, of tape: borrowing JSONTape,
    note: TransformPlan.Note
  ) -> TextDigest? {
    // Further rows of a message say what its first row said.
    guard draft.part == 0 else { return nil }
    checkSecrets(draft, &message, of: tape, note)
    checkNumbers(draft, of: tape, note)
    checkPlaceholders(draft, entries, of: tape, note)
    checkFiles(draft, &message, of: tape, note)
    if let time = message.time, TimeFuture.isBroken(by: time, settings) {
      note(.timeFuture, "created_at", "\(time.rfc3339) has not come yet")
    }
    let text = Self.text(of: draft, tape)
    if let text { checkText(text, draft, message, entries, of: tape, note) }
    if ContentTruncated.isBroken(byFields: entries, of: tape) {
      note(.contentTruncated, "metadata", "a field beside it says that it is a preview")
    }
    var digest: TextDigest?
    if let text, isDigested(text, message) { digest = TextDigest(tape.bytes.span, text) }
    guard !isAlone else { return digest }
    checkPlace(draft, message, digest, &session, note)
    return digest
  }

  /// Where a message's text stands; nil where it is not one string.
  private static func text(of draft: MessageDraft, _ tape: borrowing JSONTape) -> Range<Int>? {
    guard case .value(let value) = draft.content, tape.kind(value) == .string else { return nil }
    return tape.range(value)
  }

  /// Whether a rule asks whether somebody said the same elsewhere.
  private func isDigested(_ text: Range<Int>, _ message: PreparedMessage) -> Bool {
    digestsTexts && message.role != .system
      && (message.role == .assistant || text.count >= settings.limits.repeatedContentBytes)
  }

  /// Looks through the whole source of a message: its text, arguments, results and unknown fields.
  private func checkSecrets(
    _ draft: MessageDraft, _ message: inout PreparedMessage, of tape: borrowing JSONTape,
    _ note: TransformPlan.Note
  ) {
    let text = Self.text(of: draft, tape)
    if let source = draft.source, noteSecrets(in: source, text: text, of: tape, note) {
      message.holdsSecret = true
    }
    if let result = draft.result, noteSecrets(in: result, of: tape, note) {
      message.holdsSecret = true
    }
  }

  /// Notes the secrets of a value, in which a message's text is somewhere; whether there are any.
  func noteSecrets(
    in value: JSONValue, text: Range<Int>? = nil, of tape: borrowing JSONTape,
    _ note: TransformPlan.Note
  ) -> Bool {
    guard scansForSecrets else { return false }
    let bytes = tape.bytes.span
    let secrets = SecretScan.secrets(in: bytes, tape.range(value))
    for secret in secrets {
      let masked = SecretFound.masked(secret, in: bytes)
      let isText = text?.contains(secret.range.lowerBound) ?? false
      note(
        SecretFound.rule(secret, redacted: redacted), isText ? "content" : "metadata", masked)
    }
    return !secrets.isEmpty
  }

  private func checkNumbers(
    _ draft: MessageDraft, of tape: borrowing JSONTape, _ note: TransformPlan.Note
  ) {
    func check(_ value: JSONValue?, _ field: String, isTokens: Bool) {
      guard let value else { return }
      if ValueNegative.isBroken(by: value, of: tape) {
        note(.valueNegative, field, "\(field) is below zero")
      }
      if isTokens, TokensOutlier.isBroken(by: value, settings.limits, of: tape) {
        note(.tokensOutlier, field, "more than \(settings.limits.outlierTokens) tokens")
      }
    }
    check(draft.tokensIn, "tokens_in", isTokens: true)
    check(draft.tokensOut, "tokens_out", isTokens: true)
    check(draft.latency, "latency_ms", isTokens: false)
    guard let cost = draft.cost else { return }
    check(cost, "cost_usd", isTokens: false)
    if CostOutlier.isBroken(by: cost, settings.limits, of: tape) {
      note(.costOutlier, "cost_usd", "more than \(settings.limits.outlierCostDollars) dollars")
    }
    if CostWithoutTokens.isBroken(by: draft, of: tape) {
      note(.costWithoutTokens, "cost_usd", "a cost, and no tokens")
    }
  }

  private func checkPlaceholders(
    _ draft: MessageDraft, _ entries: ArraySlice<MetadataEntry>, of tape: borrowing JSONTape,
    _ note: TransformPlan.Note
  ) {
    func check(_ isPlaceholder: Bool, _ field: String) {
      if isPlaceholder { note(.valuePlaceholder, field, "\(field) is an example's") }
    }
    check(ValuePlaceholder.isBroken(by: draft.content, of: tape), "content")
    check(ValuePlaceholder.isBroken(by: draft.model, of: tape), "model_used")
    check(ValuePlaceholder.isBroken(by: draft.provider, of: tape), "provider_used")
    check(ValuePlaceholder.isBroken(by: draft.toolName, of: tape), "tool_name")
    for entry in entries {
      guard case .value(let value) = entry.value else { continue }
      check(ValuePlaceholder.isBroken(by: value, of: tape), "metadata")
    }
  }

  private mutating func checkFiles(
    _ draft: MessageDraft, _ message: inout PreparedMessage, of tape: borrowing JSONTape,
    _ note: TransformPlan.Note
  ) {
    if draft.files != nil || draft.images != nil {
      let found = findFiles([(draft.files, "files"), (draft.images, "images")], of: tape, note)
      if let found { message.files = .present(found) }
    }
    if let tables, !draft.rareStoredRow.isAbsent, let lists = draft.storedRow?.fileIds,
      !lists.isEmpty
    {
      cite(lists, tables, &message, of: tape, note)
    }
  }

  /// Adds the rows of files whose ids are in some lists.
  private func cite(
    _ lists: [JSONValue], _ tables: FileTables, _ message: inout PreparedMessage,
    of tape: borrowing JSONTape, _ note: TransformPlan.Note
  ) {
    var ids: [[UInt8]] = []
    for list in lists {
      if tape.kind(list) == .string { ids.append(tape.decoded(list)) }
      guard tape.kind(list) == .array else { continue }
      tape.forEachElement(list) { id in
        guard tape.kind(id) == .string, !tape.isBlank(id) else { return }
        let text = tape.decoded(id)
        if !ids.contains(text) { ids.append(text) }
      }
    }
    guard let (known, others) = tables.cited(ids) else { return }
    if let first = others.first {
      let text = String(decoding: first.prefix(120), as: UTF8.self)
      note(
        .fileMissing, "metadata.file_ids",
        "\(others.count) ids are those of no row of files, the first \(text.debugDescription)")
    }
    var found = message.files.value ?? MentionedFiles()
    found.cite(known, missing: others.count)
    message.files = .present(found)
  }

  /// Looks for the files of some lists.
  ///
  /// - Returns: what they lead to; nil where nothing is attached, or nothing named.
  mutating func findFiles(
    _ lists: [(list: JSONValue?, field: String)], of tape: borrowing JSONTape,
    _ note: TransformPlan.Note
  ) -> MentionedFiles? {
    guard files.isAsked else { return nil }
    var found = MentionedFiles()
    for (list, field) in lists {
      guard let list, let missing = files.check(list, of: tape, into: &found) else { continue }
      note(
        .fileMissing, field,
        "\(missing.count) files are not there, the first \(missing.first.prefix(120).debugDescription)"
      )
    }
    return attachesFiles && !found.isEmpty ? found : nil
  }

  private func checkText(
    _ text: Range<Int>, _ draft: MessageDraft, _ message: PreparedMessage,
    _ entries: ArraySlice<MetadataEntry>, of tape: borrowing JSONTape, _ note: TransformPlan.Note
  ) {
    if ContentEmpty.isBroken(by: draft, of: tape) {
      note(.contentEmpty, "content", "the message's text is empty")
    }
    if ContentTruncated.isBroken(byText: text, of: tape) {
      note(.contentTruncated, "content", "the text says at its end that it was cut")
    }
    if case .value(let value) = draft.content,
      ContentCodepage.isBroken(
        byText: text, of: tape, hasNumbers: tape[value].flags.contains(.numbered))
    {
      note(.contentCodepage, "content", "UTF-8 that was read as Windows-1252; it is kept as it is")
    }
    if let own = message.ownText.value {
      note(
        .contentHistoryStripped, "content",
        "\(own.count) bytes are the user's own; the whole text is in legacy.raw_content")
    } else if message.role == .user, ContentHistory.isBroken(byText: text, of: tape) {
      note(
        .contentHistory, "content", "\(text.count) bytes that hold the conversation before it too")
    }
  }

  /// The rules about a message among those before it.
  private func checkPlace(
    _ draft: MessageDraft, _ message: PreparedMessage, _ digest: TextDigest?,
    _ session: inout SessionTurns, _ note: TransformPlan.Note
  ) {
    if let time = message.time,
      let problem = TimeZoneShift.problem(time, session, settings.limits)
    {
      note(.timeZoneShift, "created_at", problem)
    }
    if TurnUserTwice.isBroken(by: message.role, in: session) {
      note(.turnUserTwice, "role", "the message before it is the user's as well")
    }
    if TurnAssistantFirst.isBroken(by: message.role, in: session) {
      note(.turnAssistantFirst, "role", "nobody has asked before this answer")
    }
    if message.role == .assistant, let time = message.time, let digest {
      if ContentTwoWriters.isBroken(by: digest, at: time, in: session, settings.limits) {
        note(.contentTwoWriters, "content", "the answer before it has the same bytes")
      }
      session.lastAnswer = SessionTurns.Answer(time: time, text: digest)
    }
    // A row that is only a tool call is no turn of the assistant's.
    var isCall = if case .absent = draft.toolArgs { false } else { true }
    // A request with arguments is what its user said.
    if message.role == .user { isCall = false }
    session.pass(isCall ? .system : message.role, at: message.time)
    if isCall { session.hasBegun = true }
  }
}
