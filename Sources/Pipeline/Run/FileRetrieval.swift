internal import Archive
internal import Foundation
public import ObjectStore
internal import Postgres

/// Brings one file back out of a bucket, verified.
public struct FileRetrieval: Sendable {
  /// What was asked for.
  public struct Subject: Sendable {
    /// The object's key.
    public let path: String
    /// The name the file had.
    public let filename: String
    /// What is known of it; nil takes the digest that the store was told.
    let row: StoredFileRow?
  }

  private let store: any ObjectStore
  private let bucket: String
  private let target: TargetChoice

  /// Prepares to retrieve.
  ///
  /// - Parameters:
  ///   - store: holds the objects.
  ///   - bucket: which rows are about them.
  ///   - target: holds the rows.
  public init(_ store: any ObjectStore, bucket: String, target: TargetChoice) {
    self.store = store
    self.bucket = bucket
    self.target = target
  }

  /// Finds the row of an id or a path.
  ///
  /// - Parameter name: a row's id, or an object's key, which needs no row.
  /// - Returns: what to read.
  /// - Throws: ``RunError`` where there is neither; `PostgresError`.
  public func find(_ name: String) async throws -> Subject {
    let target = try await target.connectionTarget(startingLocal: true)
    let connection = try PostgresConnection(target, applicationName: "convoy files get")
    try connection.requireFilesTable()
    let isId = UUID(uuidString: name) != nil
    let rows = try connection.query(
      """
      SELECT \(StoredFileRow.columns), bucket_name FROM public.files
      WHERE \(isId ? "id = $1::uuid" : "storage_path = $1")
      """, [name])
    guard let row = rows.first else {
      guard !isId else { throw RunError(.failed, "\(name): no row of files has this id") }
      return Subject(path: name, filename: Self.lastName(name), row: nil)
    }
    guard row.text(6) == bucket else {
      throw RunError(
        .failed, "\(name): is in bucket \(row.text(6)), not in \(bucket)",
        hint: "name the bucket with --bucket")
    }
    let found = StoredFileRow(row)
    return Subject(path: found.path, filename: Self.lastName(found.filename), row: found)
  }

  /// Reads the object and verifies it.
  ///
  /// - Parameters:
  ///   - subject: what to read.
  ///   - path: the file that appears once all of it is verified, and takes the place of one that is there.
  /// - Returns: its bytes.
  /// - Throws: ``RunError``; of kind `overBudget` where the stored bytes are other ones.
  public func retrieve(_ subject: Subject, to path: String) async throws -> Int {
    do {
      let key = try ObjectKey(subject.path)
      var file = try OutputFile(path: path)
      var failure: FileError?
      let info = try await store.read(key, expecting: subject.row?.digest) {
        bytes throws(ObjectStoreError) in
        guard failure == nil else { return }
        do throws(FileError) { try file.write(bytes) } catch { failure = error }
      }
      if let failure { throw failure }
      try file.finish()
      return info.size
    } catch let error as ObjectStoreError {
      guard error.reason == .damaged else { throw RunError(store: error) }
      throw RunError(
        .overBudget, error.description,
        hint: "nothing was written; convoy files verify --read tells what else is damaged")
    } catch let error as FileError {
      throw RunError(.fileAccess, error.description)
    }
  }

  /// What can be the name of a file here: the part behind the last separator of any system.
  private static func lastName(_ name: String) -> String {
    let last = name.split { $0 == "/" || $0 == "\\" }.last.map(String.init) ?? ""
    return last.isEmpty || last == "." || last == ".." || last.utf8.contains(0) ? "file" : last
  }
}
