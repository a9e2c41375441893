/// A project's secret: what gives full access to its Storage.
///
/// It shows itself nowhere: not in a description, a dump or an error.
public struct StorageKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// Which headers carry the key.
  public enum Headers: String, Sendable, CaseIterable {
    /// `apikey` alone for keys that begin with `sb_`, which are no tokens; else both.
    case auto
    /// `apikey` and `Authorization: Bearer`, as legacy service_role tokens need it.
    case both
    /// `apikey` alone: the gateway makes a token of it.
    case apikeyOnly = "apikey-only"
  }

  private let secret: String

  /// Takes a service_role token or a key that begins with `sb_secret_`; nil if no header can carry it.
  public init?(_ secret: String) {
    guard !secret.isEmpty, secret.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      return nil
    }
    self.secret = secret
  }

  func fields(_ headers: Headers) -> [String: String] {
    let isToken =
      switch headers {
      case .auto: !secret.hasPrefix("sb_")
      case .both: true
      case .apikeyOnly: false
      }
    return isToken ? ["apikey": secret, "Authorization": "Bearer \(secret)"] : ["apikey": secret]
  }

  /// Never the secret.
  public var description: String { "[key]" }
  /// Never the secret.
  public var debugDescription: String { description }
  /// Never the secret.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
