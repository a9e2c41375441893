@testable internal import Pipeline

/// Secrets of every kind, made up, and put together here so that no text of the project holds one.
enum SecretSamples {
  /// A key of the kind that is met most.
  static let key = "sk-" + "proj-" + letters(40)

  static let all: [(kind: SecretKind, text: String)] = [
    (.openAIKey, key), (.openAIKey, "sk-" + letters(32).lowercased()),
    (.anthropicKey, "sk-" + "ant-api03-" + letters(60)),
    (.githubToken, "gh" + "p_" + letters(36)), (.githubToken, "gh" + "s_" + letters(36)),
    (.githubToken, "github" + "_pat_" + letters(22) + "_" + letters(30)),
    (.gitlabToken, "glpat" + "-" + letters(20)),
    (.awsKey, "AK" + "IA" + letters(16).uppercased()),
    (.awsKey, "AS" + "IA" + letters(16).uppercased()), (.googleKey, "AI" + "za" + letters(35)),
    (.slackToken, "xo" + "xb-" + "1234567890-" + letters(24)),
    (.stripeKey, "sk" + "_live_" + letters(24)), (.stripeKey, "rk" + "_test_" + letters(24)),
    (.huggingFaceToken, "hf" + "_" + letters(34)),
    (.supabaseKey, "sbp" + "_" + letters(40).lowercased()),
    (.supabaseKey, "sb" + "_secret_" + letters(22)),
    (.apiKey, "gsk" + "_" + letters(52)), (.apiKey, "xai" + "-" + letters(80)),
    (.apiKey, "pplx" + "-" + letters(48)), (.apiKey, "npm" + "_" + letters(36)),
    (.apiKey, "pypi" + "-AgEIc" + letters(70)), (.apiKey, "r8" + "_" + letters(37)),
    (.jwt, "ey" + "J" + letters(20) + "." + "ey" + "J" + letters(60) + "." + letters(43)),
    (.privateKey, pem("RSA ")), (.privateKey, pem("")), (.privateKey, pem("OPENSSH ")),
  ]

  /// A private key in PEM.
  static func pem(_ kind: String) -> String {
    let body = (0..<4).map { _ in letters(64) }.joined(separator: "\n")
    return "-----BEGIN \(kind)PRIVATE" + " KEY-----\n\(body)\n-----END \(kind)PRIVATE KEY-----"
  }

  /// Letters and digits without a word in them.
  static func letters(_ count: Int) -> String {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    let alphabet = Array("ABCDEFGHKLMNPQRSTUVWXYZabcdefghkmnpqrstuvwxyz123456789")
    return String(
      (0..<count).map { number in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        // Every fourth a digit, so that short ones have some.
        return number % 4 == 3
          ? Character("\((state >> 40) % 10)")
          : alphabet[Int((state >> 33) % UInt64(alphabet.count))]
      })
  }
}
