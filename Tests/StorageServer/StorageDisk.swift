internal import Foundation
internal import Synchronization

struct StoredBucket: Codable, Sendable {
  var id: String
  var isPublic: Bool
  var sizeLimit: Int?
  var mediaTypes: [String]?
  var created = Date()
  var updated = Date()
}

struct StoredObject: Codable, Sendable {
  var id = UUID().uuidString.lowercased()
  var bucket: String
  var key: String
  /// Names the file of its bytes.
  var version: String
  var size: Int
  var mediaType: String
  var cacheControl: String
  /// JSON, as it was given.
  var userMetadata: Data?
  var created = Date()
  var updated = Date()
}

struct StoredUpload: Codable, Sendable {
  var bucket: String
  var key: String
  var version: String
  var length: Int
  var metadata: [String: String]
}

/// Buckets, objects and unfinished uploads, each in a file of its own, so that they outlive the server.
final class StorageDisk: Sendable {
  private struct State {
    var buckets: [String: StoredBucket] = [:]
    var objects: [String: [String: StoredObject]] = [:]
    var uploads: [String: StoredUpload] = [:]
  }

  private let root: String
  private let state: Mutex<State>

  /// Reads what an earlier server left in the directory.
  init(_ root: String) throws {
    self.root = root
    for name in ["buckets", "objects", "uploads", "bytes"] {
      try FileManager.default.createDirectory(
        atPath: "\(root)/\(name)", withIntermediateDirectories: true)
    }
    var state = State()
    for bucket: StoredBucket in try Self.all(in: "\(root)/buckets") {
      state.buckets[bucket.id] = bucket
    }
    for object: StoredObject in try Self.all(in: "\(root)/objects") {
      state.objects[object.bucket, default: [:]][object.key] = object
    }
    for upload: StoredUpload in try Self.all(in: "\(root)/uploads") {
      state.uploads[upload.version] = upload
    }
    self.state = Mutex(state)
  }

  private static func all<Item: Decodable>(in directory: String) throws -> [Item] {
    try FileManager.default.contentsOfDirectory(atPath: directory).map { name in
      try JSONDecoder().decode(
        Item.self, from: Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(name)")))
    }
  }

  private func save(_ item: some Encodable, as name: String) throws {
    try JSONEncoder().encode(item).write(
      to: URL(fileURLWithPath: "\(root)/\(name)"), options: .atomic)
  }

  private func erase(_ name: String) {
    // What is not there need not be erased.
    try? FileManager.default.removeItem(atPath: "\(root)/\(name)")
  }

  /// The file of an object's or upload's bytes.
  func bytes(_ version: String) -> String { "\(root)/bytes/\(version)" }

  func bytesThere(_ version: String) throws -> Int {
    let facts = try FileManager.default.attributesOfItem(atPath: bytes(version))
    return (facts[.size] as? NSNumber)?.intValue ?? 0
  }

  // MARK: Buckets

  func bucket(_ id: String) throws -> StoredBucket {
    guard let bucket = state.withLock({ $0.buckets[id] }) else { throw Refusal.noBucket }
    return bucket
  }

  var buckets: [StoredBucket] {
    state.withLock { $0.buckets.values.sorted { $0.id < $1.id } }
  }

  func make(_ bucket: StoredBucket) throws {
    try state.withLock { state in
      guard state.buckets[bucket.id] == nil else { throw Refusal.bucketExists }
      state.buckets[bucket.id] = bucket
      try save(bucket, as: "buckets/\(fileName(bucket.id))")
    }
  }

  func update(_ bucket: StoredBucket) throws {
    try state.withLock { state in
      state.buckets[bucket.id] = bucket
      try save(bucket, as: "buckets/\(fileName(bucket.id))")
    }
  }

  func removeBucket(_ id: String) throws {
    try state.withLock { state in
      guard state.buckets[id] != nil else { throw Refusal.noBucket }
      guard state.objects[id, default: [:]].isEmpty else {
        throw Refusal(
          statusCode: 409, error: "InvalidRequest", code: "InvalidRequest",
          message: "The bucket you tried to delete is not empty")
      }
      state.buckets[id] = nil
      erase("buckets/\(fileName(id))")
    }
  }

  // MARK: Objects

  func object(_ bucket: String, _ key: String) -> StoredObject? {
    state.withLock { $0.objects[bucket]?[key] }
  }

  /// Objects of a bucket by key, in byte order.
  func objects(_ bucket: String, prefix: String) -> [StoredObject] {
    let all = state.withLock { $0.objects[bucket, default: [:]].values.map { $0 } }
    return all.filter { $0.key.hasPrefix(prefix) }
      .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
  }

  /// Commits an object whose bytes are in their file.
  func commit(_ object: StoredObject, replaces: Bool) throws {
    try state.withLock { state in
      var object = object
      if let old = state.objects[object.bucket]?[object.key] {
        guard replaces else {
          erase("bytes/\(object.version)")
          throw Refusal.objectExists
        }
        erase("bytes/\(old.version)")
        object.id = old.id
        object.created = old.created
      }
      try save(object, as: "objects/\(fileName("\(object.bucket)/\(object.key)"))")
      state.objects[object.bucket, default: [:]][object.key] = object
    }
  }

  func remove(_ bucket: String, _ key: String) -> StoredObject? {
    state.withLock { state in
      guard let object = state.objects[bucket]?.removeValue(forKey: key) else { return nil }
      erase("objects/\(fileName("\(bucket)/\(key)"))")
      erase("bytes/\(object.version)")
      return object
    }
  }

  // MARK: Resumable uploads

  func upload(_ version: String) -> StoredUpload? { state.withLock { $0.uploads[version] } }

  var uploads: [StoredUpload] { state.withLock { $0.uploads.values.map { $0 } } }

  func begin(_ upload: StoredUpload) throws {
    try Data().write(to: URL(fileURLWithPath: bytes(upload.version)))
    try state.withLock { state in
      try save(upload, as: "uploads/\(upload.version)")
      state.uploads[upload.version] = upload
    }
  }

  /// Forgets an upload; its bytes go too unless they became an object's.
  func forget(_ version: String, keepingBytes: Bool) {
    state.withLock { state in
      state.uploads[version] = nil
      erase("uploads/\(version)")
      if !keepingBytes { erase("bytes/\(version)") }
    }
  }
}
