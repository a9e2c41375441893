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

  init(in metadata: JSONValue, of tape: borrowing JSONTape) {
    guard tape.kind(metadata) == .object else { return }
    let nested = tape.present(metadata, "model_metadata")
    let usage =
      tape.present(metadata, "usage") ?? tape.present(metadata, "token_usage")
      ?? nested.flatMap { tape.present($0, "usage") }
    if let usage {
      tokensIn =
        tape.present(usage, "prompt_tokens") ?? tape.present(usage, "input_tokens")
        ?? tape.present(usage, "tokens_in")
      tokensOut =
        tape.present(usage, "completion_tokens") ?? tape.present(usage, "output_tokens")
        ?? tape.present(usage, "tokens_out")
    }
    cost =
      tape.present(metadata, "cost_usd") ?? tape.present(metadata, "cost")
      ?? tape.present(metadata, "total_cost_usd")
    latency =
      tape.present(metadata, "response_time_ms") ?? tape.present(metadata, "ai_response_time_ms")
      ?? tape.present(metadata, "latency_ms")
    model = tape.present(metadata, "model_used")
    provider = tape.present(metadata, "provider_used")
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
