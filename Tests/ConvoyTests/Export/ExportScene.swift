internal import Archive
internal import Foundation
internal import TestSupport
internal import Testing

@testable internal import Pipeline

/// Exports of a test's database, and the archives they leave.
extension RunScene {
  /// Where the scene's archives are.
  var root: ArchiveRoot { ArchiveRoot(path: "\(directory.path)/archives") }

  /// Writes a pipeline that exports some tables.
  func writeExport(_ tables: [String], yaml: String = "") throws {
    try directory.write(
      "export.yaml",
      """
      name: nightly
      report: {directory: report}
      export:
        root: archives
        tables: [\(tables.joined(separator: ", "))]
      \(yaml.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n"))
      """)
  }

  /// Exports the tables of the pipeline written last.
  func export(
    target: String? = nil, options: [String] = [], through wrapper: [String] = [],
    whileRunning: (Int32) async throws -> Void = { _ in }
  ) async throws -> ConvoyProcess.Outcome {
    try await convoy(
      ["run", "export.yaml", "--target", target ?? database.url] + options, through: wrapper,
      whileRunning: whileRunning)
  }

  /// Exports, expects that to work, and opens the new archive.
  func exported(
    target: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> ArchiveDirectory {
    let before = try root.names()
    let ended = try await export(target: target)
    #expect(ended.status == 0, "\(ended.errors)\(ended.output)", sourceLocation: sourceLocation)
    let added = try root.names().filter { !before.contains($0) }
    try #require(added.count == 1, sourceLocation: sourceLocation)
    return try ArchiveDirectory(path: root.path(of: added[0]))
  }

  /// The lines of a table's parts, put together as `cat` does and inflated.
  func lines(_ table: String, of archive: ArchiveDirectory) throws -> [[UInt8]] {
    let parts = try #require(archive.manifest.tables.first { $0.title == table }).parts
    let whole = try parts.flatMap { try directory.read("archives/\(archive.name)/\($0.file)") }
    try directory.write("whole.gz", whole)
    var stream = try ByteStream(path: "\(directory.path)/whole.gz")
    var bytes: [UInt8] = []
    while try stream.read(into: &bytes, upTo: 1 << 20) > 0 {}
    return bytes.split(separator: 0x0A).map(Array.init)
  }

  /// Makes a table whose rows do not compress, of about a kilobyte each.
  func makeNoise(_ table: String, rows: Int) throws {
    try execute(
      """
      CREATE TABLE \(table) (id uuid PRIMARY KEY, created_at timestamptz, noise text)
        WITH (autovacuum_enabled = false);
      ALTER TABLE \(table) ALTER noise SET STORAGE EXTERNAL;
      INSERT INTO \(table) SELECT gen_random_uuid(), '2025-01-01'::timestamptz + n * '1 min'::interval,
        (SELECT string_agg(md5(random()::text || n || k), '') FROM generate_series(1, 32) k)
      FROM generate_series(1, \(rows)) n
      """)
  }

  /// Damage of an archive, as verifying it tells; also of its manifest.
  func damages(_ path: String) async throws -> [String] {
    let archive: ArchiveDirectory
    do throws(ArchiveError) {
      archive = try ArchiveDirectory(path: path)
    } catch { return [error.description] }
    let verification = ArchiveVerification(archive)
    return try await verification.damages(verification.parts()) { _, _ in }.map(\.description)
  }
}
