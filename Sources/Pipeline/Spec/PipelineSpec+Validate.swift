/// Section `validate`: how much each rule weighs, and where the limits of some are.
public struct ValidateSpec: Sendable, Hashable {
  /// Severity of rules that are not to have their own, by id.
  public var severity: [String: RuleSeverity] = [:]
  /// How far ahead of the run's start a time may be.
  public var futureSeconds = 300
  /// How near to a whole number of hours a step back in time counts as one.
  public var zoneShiftSeconds = 120
  /// Time within which an answer of the same text is the same answer.
  public var twoWritersMilliseconds = 2_000
  /// By how many messages one side may be ahead of the other.
  public var roleDifferenceMessages = 1
  /// Shortest text that is looked for in other sessions.
  public var repeatedContentBytes = 256
  /// Tokens of one message beyond which a count is unlikely.
  public var outlierTokens = 2_000_000
  /// Cost of one message beyond which it is unlikely.
  public var outlierCostDollars = 100
  /// Directories in which the files that messages name are looked for; empty to look for none.
  public var fileRoots: [String] = []

  /// Makes the section as an empty one is read.
  public init() {}
}

/// What a pipeline makes of a rule.
public enum RuleSeverity: String, Sendable, Hashable, CaseIterable {
  /// Not looked at.
  case off
  /// Counted.
  case info
  /// Counted.
  case warning
  /// Counted, and the record is rejected.
  case error

  /// The severity of its findings; nil where there are none.
  public var severity: Severity? {
    switch self {
    case .off: nil
    case .info: .info
    case .warning: .warning
    case .error: .error
    }
  }
}

/// A kind of secret that can be told by its form.
public enum SecretKind: String, Sendable, Hashable, CaseIterable {
  /// `sk-…`, as OpenAI and those who copied its form give out.
  case openAIKey = "openai-key"
  /// `sk-ant-…`
  case anthropicKey = "anthropic-key"
  /// `ghp_…` and its sisters, `github_pat_…`
  case githubToken = "github-token"
  /// `glpat-…`
  case gitlabToken = "gitlab-token"
  /// `AKIA…`, `ASIA…`
  case awsKey = "aws-key"
  /// `AIza…`
  case googleKey = "google-key"
  /// `xoxb-…` and its sisters
  case slackToken = "slack-token"
  /// `sk_live_…`, `rk_live_…` and their test forms
  case stripeKey = "stripe-key"
  /// `hf_…`
  case huggingFaceToken = "huggingface-token"
  /// `sbp_…`, `sb_secret_…`
  case supabaseKey = "supabase-key"
  /// Keys of Groq, xAI, Perplexity, npm, PyPI and Replicate.
  case apiKey = "api-key"
  /// Three parts of base64url, the first two JSON.
  case jwt
  /// PEM of any private key.
  case privateKey = "private-key"
  /// The password in `scheme://user:password@host`.
  case urlPassword = "url-password"
}
