internal import TestSupport
internal import Testing

@testable internal import Pipeline

/// File caches, references and results of uploads.
@Suite struct UploadManifestTests {
  private static func read(
    _ text: String, _ name: String = "m.json", zones: TimeZones<ManifestForm> = TimeZones()
  ) async throws -> FileManifest {
    try await TemporaryDirectory.with { directory in
      try FileManifest(
        path: try directory.write(name, text), input: 0,
        zones: try ZoneTable(zones, key: "files.timeZone"))
    }
  }

  private static func shown(_ entries: [FileManifest.Entry]) -> [String] {
    entries.map { entry in
      let uploads = entry.uploads.map { String(decoding: $0.json, as: UTF8.self) }
      return "\(entry.subject.short) \(uploads.joined(separator: " "))"
    }
  }

  private static let hash = String(repeating: "0f", count: 32)

  @Test func `a file cache names contents and who was given them`() async throws {
    let manifest = try await Self.read(
      """
      {"items": {
        "\(Self.hash)": {"KIMI": {"file_id": "k", "ts": 1759641612.1234567},
          "glm": {"file_id": "g", "ts": 1759641612}},
        "\(Self.hash.uppercased())": {"kimi": {"file_id": "k2", "ts": "?", "note": [1]}, "unknown": {"file_id": "u"}},
        "sha256": {"kimi": {"file_id": "lost", "ts": 1.5}},
        "\(Self.hash)": {"kimi": {"file_id": 7}},
        "\(Self.hash)": []
      }}
      """)
    #expect(
      Self.shown(manifest.entries) == [
        #"content {"provider":"kimi","file_id":"k","uploaded_at":"2025-10-05T05:20:12.123457Z","#
          + #""written_provider":"KIMI"} "#
          + #"{"provider":"glm","file_id":"g","uploaded_at":"2025-10-05T05:20:12Z"}"#,
        #"content {"provider":"kimi","file_id":"k2","ts":"?","note":[1]} "#
          + #"{"file_id":"u","written_provider":"unknown"}"#,
      ])
    #expect(manifest.remarks.map(\.rule) == [.hashInvalid])
    #expect(manifest.remarks[0].message == "\"sha256\" is no SHA-256; kimi lost")
    #expect(manifest.remarks[0].place.line == 5)
    #expect(manifest.problems.map(\.place.line) == [6, 7])
    #expect(manifest.problems.map(\.rule) == [.recordShape, .recordShape])
  }

  @Test func `the result of an upload names a file, and its time is in UTC`() async throws {
    let manifest = try await Self.read(
      #"""
      [{"filename": "in\\a.md", "file_id": "f", "size_bytes": 4, "upload_timestamp": "2025-10-29T10:00:00.123456"},
       {"file_id": "g", "upload_timestamp": "never", "provider": "ZAI"},
       {"file_id": 1, "filename": "b"}]
      """#)
    #expect(
      Self.shown(manifest.entries) == [
        #"a.md {"file_id":"f","uploaded_at":"2025-10-29T10:00:00.123456Z","#
          + #""filename":"in\\a.md","size_bytes":4}"#,
        #" {"provider":"glm","file_id":"g","written_provider":"ZAI","upload_timestamp":"never"}"#,
      ])
    #expect(manifest.entries[0].recorded.size == 4)
    #expect(manifest.remarks.map(\.rule) == [.timeNaive, .timeMissing])
    #expect(manifest.problems.map(\.field) == ["file_id"])
  }

  @Test func `a reference has a content, and one of an empty file is one too`() async throws {
    let manifest = try await Self.read(
      """
      {"internal_id": "i", "provider_id": "p", "provider": "kimi", "file_hash": "\(Self.hash)", "size": 0, "mime_type": "text/plain", "original_name": "d/a.md", "created_at": "2025-10-29T10:00:00", "accessed_at": null, "metadata": {"m": 1}}
      {"provider_id": "p", "provider": "local", "file_hash": "x", "size": 3}
      {"provider": "local", "file_hash": "\(Self.hash)"}
      """, "references.jsonl")
    #expect(
      Self.shown(manifest.entries) == [
        #"content {"provider":"kimi","file_id":"p","uploaded_at":"2025-10-29T10:00:00Z","#
          + #""reference":{"internal_id":"i","size":0,"mime_type":"text/plain","#
          + #""original_name":"d/a.md","metadata":{"m": 1}}}"#
      ])
    #expect(manifest.entries[0].recorded.size == 0)
    #expect(manifest.entries[0].name == "a.md")
    #expect(
      manifest.remarks.map(\.message) == [
        "a time without a zone, read in UTC", "\"x\" is no SHA-256; local p",
      ])
    #expect(manifest.problems.map(\.place.line) == [3])
  }

  @Test func `each form has its own zone, and a pipeline's own zones win`() async throws {
    let text = """
      {"items": {"\(Self.hash)": {"kimi": {"file_id": "c", "ts": "2025-07-01T10:00:00"}}}}
      {"filename": "a", "file_id": "u", "upload_timestamp": "2025-07-01T10:00:00"}
      {"provider_id": "r", "provider": "kimi", "file_hash": "\(Self.hash)", "created_at": "2025-07-01T10:00:00"}
      {"path": "p", "checksum": "", "upload_timestamp": "2025-07-01T10:00:00"}
      """
    func hours(_ zones: TimeZones<ManifestForm>) async throws -> [String?] {
      let manifest = try await Self.read(text, "m.jsonl", zones: zones)
      #expect(manifest.remarks.map(\.rule) == Array(repeating: .timeNaive, count: 4))
      return manifest.entries.map { entry in
        (entry.time ?? entry.uploads.first?.uploadedAt).map {
          String($0.rfc3339.dropFirst(11).prefix(2))
        }
      }
    }
    #expect(try await hours(TimeZones()) == ["10", "10", "10", "00"])
    #expect(try await hours(TimeZones("Asia/Tokyo")) == ["01", "01", "01", "01"])
    var zones = TimeZones<ManifestForm>()
    zones[.uploads] = "Europe/Berlin"
    #expect(try await hours(zones) == ["10", "08", "10", "00"])
  }

  @Test func `records of one upload are one, unless they disagree`() {
    var upload = ProviderUpload(provider: nil, fileId: "f", uploadedAt: nil)
    let late = ProviderUpload(
      provider: "kimi", fileId: "f", uploadedAt: Timestamp(microseconds: 2_000_000))
    let early = ProviderUpload(
      provider: "kimi", fileId: "f", uploadedAt: Timestamp(microseconds: 1_000_000),
      more: Array(",\"a\":1".utf8))
    let others = [
      late, early, ProviderUpload(provider: "glm", fileId: "f"),
      ProviderUpload(provider: "kimi", fileId: "g"),
      ProviderUpload(provider: "kimi", fileId: "f", more: Array(",\"a\":2".utf8)),
    ]
    let areTaken = others.map { upload.take($0) }
    #expect(areTaken == [true, true, false, false, false])
    #expect(upload == early)
  }
}

extension ZoneTable {
  /// The zones that the stores wrote in.
  static func own() throws -> ZoneTable { try ZoneTable(TimeZones(), key: "timeZone") }
}

extension FileManifest.Subject {
  fileprivate var short: String {
    switch self {
    case .below(let path): String(decoding: path, as: UTF8.self)
    case .written(let paths): paths.map { String(decoding: $0, as: UTF8.self) }.description
    case .content: "content"
    case .uploaded(let name): name
    }
  }
}
