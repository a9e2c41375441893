/// `secret.found`: a key, token or password in what a record says; and `secret.redacted`, where the
/// pipeline has it replaced.
enum SecretFound {
  /// The rule a secret breaks.
  static func rule(_ secret: Secret, redacted: Set<SecretKind>) -> Rule {
    redacted.contains(secret.kind) ? .secretRedacted : .secretFound
  }

  /// The secret in words: its kind, how it begins and how long it is, and nothing that helps to guess it.
  static func masked(_ secret: Secret, in bytes: borrowing Span<UInt8>) -> String {
    let length = secret.range.count
    let beginning: StaticString =
      switch secret.kind {
      case .openAIKey: "sk-"
      case .anthropicKey: "sk-ant-"
      case .githubToken: "gh"
      case .gitlabToken: "glpat-"
      case .awsKey: bytes[secret.range.lowerBound + 1] == UInt8(ascii: "K") ? "AKIA" : "ASIA"
      case .googleKey: "AIza"
      case .slackToken: "xox"
      case .stripeKey: "sk_"
      case .huggingFaceToken: "hf_"
      case .supabaseKey: "sb"
      case .jwt: "eyJ"
      case .privateKey: "-----BEGIN "
      case .apiKey, .urlPassword: ""
      }
    return "\(secret.kind.rawValue): \(beginning)…, \(length) characters"
  }
}
