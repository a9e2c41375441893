internal import TestSupport
internal import Testing

@testable internal import Pipeline

/// Exports of a file registry, as JSON and as CSV.
@Suite struct RegistryManifestTests {
  private static func read(_ name: String, _ text: String) async throws -> FileManifest {
    try await TemporaryDirectory.with { directory in
      try FileManifest(path: try directory.write(name, text), input: 1, zones: try .own())
    }
  }

  private static func text(_ bytes: [UInt8]?) -> String? {
    bytes.map { String(decoding: $0, as: UTF8.self) }
  }

  private static let checksum = "0123456789ABCDEF0123456789abcdef"

  @Test func `an export as JSON has an entry a file, with what it is now and was then`()
    async throws
  {
    let manifest = try await Self.read(
      "file_registry.json",
      """
      {
        "export_timestamp": "2025-11-15T21:00:00",
        "registry_path": "file_registry.db",
        "total_files": 1,
        "files": [
          {
            "id": "1",
            "name": "a.csv",
            "original_name": "C:\\\\In\\\\Rates.csv",
            "path": "data\\\\a.csv",
            "absolute_path": "C:\\\\Project\\\\data\\\\a.csv",
            "size": 13,
            "upload_timestamp": "2025-11-15T20:57:50.789703",
            "checksum": "\(Self.checksum)",
            "tags": ["x", "y"],
            "custom_metadata": {"n": 1.0},
            "storage_path": null
          }
        ]
      }
      """)
    #expect(manifest.problems.isEmpty)
    let entry = try #require(manifest.entries.first)
    #expect(manifest.entries.count == 1)
    #expect(
      entry.subject
        == .written([#"C:\Project\data\a.csv"#, #"data\a.csv"#].map { Array($0.utf8) }))
    #expect(entry.name == "Rates.csv")
    #expect(entry.tags == ["x", "y"])
    #expect(entry.recorded.size == 13)
    #expect(entry.recorded.md5?.count == 16)
    #expect(entry.recorded.sha256 == nil)
    #expect(entry.time?.rfc3339 == "2025-11-15T09:57:50.789703Z")
    #expect(Self.text(entry.metadata) == #""original_path":"C:\\Project\\data\\a.csv""#)
    #expect(
      Self.text(entry.lists[.registry]?.first) == #"{"id":"1","name":"a.csv","#
        + #""original_name":"C:\\In\\Rates.csv","path":"data\\a.csv","#
        + #""absolute_path":"C:\\Project\\data\\a.csv","size":13,"#
        + #""upload_timestamp":"2025-11-15T20:57:50.789703","#
        + #""checksum":"\#(Self.checksum)","custom_metadata":{"n": 1.0}}"#)
    #expect(entry.place.line == 6)
    #expect(Self.text(manifest.source(entry.source))?.hasPrefix("{\n      \"id\"") == true)
    #expect(manifest.remarks.map(\.rule) == [.timeNaive])
  }

  @Test func `an export as CSV says the same in texts`() async throws {
    let manifest = try await Self.read(
      "export.csv",
      "id,path,absolute_path,size,upload_timestamp,checksum,tags,custom_metadata\r\n"
        + "1,data/a.csv,,13,2025-11-15T20:57:50,\(Self.checksum),"
        + "\"[\"\"x\"\", \"\"y\"\"]\",\"{\"\"n\"\": 1.0}\"\r\n")
    #expect(manifest.problems.isEmpty)
    let entry = try #require(manifest.entries.first)
    #expect(entry.subject == .written([Array("data/a.csv".utf8)]))
    #expect(entry.tags == ["x", "y"])
    #expect(entry.recorded.size == 13)
    #expect(entry.recorded.md5?.count == 16)
    #expect(entry.time?.rfc3339 == "2025-11-15T09:57:50Z")
    #expect(
      Self.text(entry.lists[.registry]?.first) == #"{"id":"1","path":"data/a.csv","size":"13","#
        + #""upload_timestamp":"2025-11-15T20:57:50","checksum":"\#(Self.checksum)","#
        + #""custom_metadata":{"n": 1.0}}"#)
    #expect(entry.place.line == 2)
  }

  @Test func `what is odd in an entry is told, and the entry stands`() async throws {
    let manifest = try await Self.read(
      "r.json",
      #"""
      [{"path": "a", "checksum": "none", "size": "many", "upload_timestamp": "soon",
        "modification_timestamp": "2025-10-05T02:30:00", "tags": "x;y"},
       {"path": "b", "checksum": "\#(String(repeating: "0a", count: 32))",
        "upload_timestamp": "2025-04-06T02:30:00", "custom_metadata": "no object"},
       {"path": "c", "checksum": "", "upload_timestamp": 1759641612.25},
       {"path": "d", "path": "e", "original_name": ""}]
      """#)
    #expect(manifest.problems.isEmpty)
    #expect(
      manifest.remarks.map { "\($0.rule.rawValue) \($0.place.line) \($0.field ?? "")" } == [
        "hash.invalid 1 checksum", "time.missing 1 upload_timestamp",
        "time.zone-change 1 modification_timestamp", "time.zone-change 3 upload_timestamp",
      ])
    #expect(
      manifest.remarks[2].message
        == "a time that Australia/Melbourne skipped when clocks went forward; it is moved by as much"
    )
    #expect(
      manifest.remarks[3].message == "a time that Australia/Melbourne had twice; the first is taken"
    )
    let entries = manifest.entries
    #expect(
      entries.map { $0.time?.rfc3339 } == [
        "2025-10-04T16:30:00Z", "2025-04-05T15:30:00Z", "2025-10-05T05:20:12.25Z", nil,
      ])
    #expect(entries.map(\.recorded.isEmpty) == [true, false, true, true])
    #expect(entries[1].recorded.sha256 != nil)
    #expect(Self.text(entries[0].lists[.registry]?.first)?.contains(#""tags":"x;y""#) == true)
    #expect(
      Self.text(entries[1].lists[.registry]?.first)?
        .contains(#""custom_metadata":"no object""#) == true)
    #expect(Self.text(entries[3].lists[.registry]?.first)?.contains(#""path~1""#) == true)
    #expect(entries[3].name == nil)
  }

  @Test func `an entry without a path is refused with its place, and the others stand`()
    async throws
  {
    let manifest = try await Self.read(
      "r.json",
      #"""
      {"registry_path": "r", "files": [
      {"absolute_path": "", "path": " ", "checksum": "x"},
      {"absolute_path": "a\u0000", "checksum": ""},
      7,
      {"absolute_path": "b"}]}
      """#)
    #expect(manifest.entries.map(\.shown) == ["b"])
    #expect(manifest.problems.map(\.place.line) == [2, 3, 4])
    #expect(manifest.problems.map(\.rule) == [.recordShape, .recordShape, .recordShape])
    #expect(Self.text(manifest.source(manifest.problems[2].source)) == "7")
  }

  @Test func `an export that is cut off is an error, and no part of it is taken`() async throws {
    let error = await #expect(throws: RunError.self) {
      try await Self.read("r.json", "{\"files\": [\n{\"path\": \"a\", \"checksum\": \"\"},\n{\"pa")
    }
    #expect(error?.kind == .fileAccess)
    #expect(error?.message.hasSuffix("r.json: the record ends before its JSON does") == true)
  }

  @Test func `UTF-16 and nothing at all are read too`() async throws {
    let wide = try await TemporaryDirectory.with { directory in
      let text = #"[{"absolute_path": "ä"}]"#
      let bytes: [UInt8] =
        [0xFF, 0xFE]
        + text.utf16.flatMap {
          [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)]
        }
      return try FileManifest(
        path: try directory.write("r.json", bytes), input: 0, zones: try .own())
    }
    #expect(wide.entries.map(\.shown) == ["ä"])
    let empty = try await Self.read("filecache.json", "")
    #expect(empty.entries.isEmpty && empty.problems.isEmpty)
  }
}
