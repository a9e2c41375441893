/// Tokens, cost, latency, model and provider as they lie in the objects stores put them in.
///
/// The three spellings of token counts and both nestings were seen in the product's own rows.
struct Usage {
  var tokensIn: JSONValue?
  var tokensOut: JSONValue?
  var cost: JSONValue?
  var latency: JSONValue?
  var model: JSONValue?
  var provider: JSONValue?

  private enum Field: String, CaseIterable, Sendable {
    case usage, cost
    case tokenUsage = "token_usage"
    case modelMetadata = "model_metadata"
    case costInDollars = "cost_usd"
    case totalCost = "total_cost_usd"
    case responseTime = "response_time_ms"
    case aiResponseTime = "ai_response_time_ms"
    case latency = "latency_ms"
    case model = "model_used"
    case provider = "provider_used"
  }

  private enum TokenField: String, CaseIterable, Sendable {
    case promptTokens = "prompt_tokens"
    case inputTokens = "input_tokens"
    case tokensIn = "tokens_in"
    case completionTokens = "completion_tokens"
    case outputTokens = "output_tokens"
    case tokensOut = "tokens_out"
  }

  private static let fields = KeyTable<Field>()
  private static let tokenFields = KeyTable<TokenField>()

  init(in metadata: JSONValue, of tape: borrowing JSONTape) {
    guard tape.kind(metadata) == .object else { return }
    // Of each fact the first spelling counts that is there, whatever the order of the members.
    var usages = Spellings()
    var costs = Spellings()
    var latencies = Spellings()
    var nested: JSONValue?
    tape.forEachMember(metadata) { key, member in
      guard let field = Self.fields.field(key, of: tape) else { return }
      let value = tape.isNull(member) ? nil : member
      switch field {
      case .usage: usages.first = value
      case .tokenUsage: usages.second = value
      case .modelMetadata: nested = value
      case .costInDollars: costs.first = value
      case .cost: costs.second = value
      case .totalCost: costs.third = value
      case .responseTime: latencies.first = value
      case .aiResponseTime: latencies.second = value
      case .latency: latencies.third = value
      case .model: model = value
      case .provider: provider = value
      }
    }
    cost = costs.chosen
    latency = latencies.chosen
    usages.third = nested.flatMap { tape.present($0, "usage") }
    if let usage = usages.chosen { readTokens(usage, of: tape) }
  }

  private mutating func readTokens(_ usage: JSONValue, of tape: borrowing JSONTape) {
    var given = Spellings()
    var made = Spellings()
    tape.forEachMember(usage) { key, member in
      guard let field = Self.tokenFields.field(key, of: tape) else { return }
      let value = tape.isNull(member) ? nil : member
      switch field {
      case .promptTokens: given.first = value
      case .inputTokens: given.second = value
      case .tokensIn: given.third = value
      case .completionTokens: made.first = value
      case .outputTokens: made.second = value
      case .tokensOut: made.third = value
      }
    }
    tokensIn = given.chosen
    tokensOut = made.chosen
  }

  /// Values of one fact under its names, the name that counts most first.
  private struct Spellings {
    var first: JSONValue?
    var second: JSONValue?
    var third: JSONValue?

    var chosen: JSONValue? { first ?? second ?? third }
  }

  /// Fills what the message does not say itself.
  func fill(_ message: inout MessageDraft) {
    message.tokensIn = message.tokensIn ?? tokensIn
    message.tokensOut = message.tokensOut ?? tokensOut
    message.cost = message.cost ?? cost
    message.latency = message.latency ?? latency
    if case .absent = message.model, let model { message.model = .value(model) }
    if case .absent = message.provider, let provider { message.provider = .value(provider) }
  }
}
