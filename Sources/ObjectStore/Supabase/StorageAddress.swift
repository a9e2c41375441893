internal import Foundation

/// The server's address and the bucket; makes every URL a request goes to.
struct StorageAddress: Sendable {
  /// Without a trailing slash, as `https://REF.supabase.co/storage/v1`.
  let base: String
  let bucket: String

  /// - Throws: ``ObjectStoreError`` with `invalidAddress`, `insecureAddress` or `invalidKey`.
  init(_ settings: SupabaseSettings) throws(ObjectStoreError) {
    guard let url = URLComponents(string: settings.address), let host = url.host, !host.isEmpty,
      let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme),
      url.user == nil, url.password == nil, url.query == nil, url.fragment == nil
    else { throw ObjectStoreError(.invalidAddress, key: nil, place: "the given address") }
    var base = settings.address
    while base.hasSuffix("/") { base.removeLast() }
    if url.percentEncodedPath.allSatisfy({ $0 == "/" }) { base += "/storage/v1" }
    self.base = base
    bucket = settings.bucket
    // The server's rule for bucket names (`src/storage/limits.ts`): a key without slashes, 100 characters.
    let isNamed =
      (1...100).contains(bucket.utf8.count) && bucket.first != " " && bucket.last != " "
      && bucket != "." && bucket != ".." && bucket.utf8.allSatisfy(ObjectKey.isAllowed)
    guard isNamed else { throw ObjectStoreError(.invalidAddress, key: bucket, place: base) }
    guard scheme == "https" || settings.allowsInsecureAddress || Self.isThisMachine(host) else {
      throw ObjectStoreError(.insecureAddress, key: nil, place: base)
    }
  }

  /// What errors and states call the store.
  var place: String { "\(base)/bucket/\(percentEncode(bucket))" }

  /// The URL of a route, such as `/bucket`.
  func url(_ route: String) throws(ObjectStoreError) -> URL {
    guard let url = URL(string: base + route) else {
      throw ObjectStoreError(.invalidAddress, key: nil, place: base)
    }
    return url
  }

  /// The URL of a route of an object: `/object` and `/object/info` among them.
  func url(_ route: String, _ key: ObjectKey) throws(ObjectStoreError) -> URL {
    try url("\(route)/\(percentEncode(bucket))/\(key.percentEncoded)")
  }

  /// The URL of a resumable upload at this server, whatever server its location names.
  ///
  /// The server makes the location from what proxies tell it, so that scheme, host and the path before
  /// the upload's own name may be wrong; and wherever it points, the secret goes to nobody else. Only the
  /// last segment and the query are the server's own words, and they are taken as they are.
  func upload(at location: String) -> URL? {
    guard let named = URLComponents(string: location),
      let name = named.percentEncodedPath.split(separator: "/").last, name != "..", name != "."
    else { return nil }
    let query = named.percentEncodedQuery.map { "?\($0)" } ?? ""
    return URL(string: "\(base)\(Self.uploads)/\(name)\(query)")
  }

  /// Where resumable uploads are made.
  static let uploads = "/upload/resumable"

  private static func isThisMachine(_ host: String) -> Bool {
    let octets = host.split(separator: ".", omittingEmptySubsequences: false)
    let isLoopback =
      octets.count == 4 && octets[0] == "127" && octets.allSatisfy { UInt8($0) != nil }
    return isLoopback || ["localhost", "::1", "[::1]"].contains(host.lowercased())
  }
}
