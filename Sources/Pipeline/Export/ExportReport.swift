internal import Archive

/// What one export did, or of a dry run would do; every number but those called estimates is exact.
public struct ExportReport: Sendable {
  /// How the run ended.
  public enum Outcome: String, Sendable {
    /// The archive is there; of a dry run, nothing stands in its way.
    case done
    /// The run gave up; there is no archive of it.
    case failed
    /// The run was stopped by a signal; there is no archive of it.
    case interrupted
  }

  /// One table.
  struct Table: Sendable {
    var name: String
    var rows = 0
    var rawBytes = 0
    var packedBytes = 0
    /// Bytes as the server stores it, without indexes.
    var storedBytes: Int
    var parts: Int
    /// Parts that are files of the last archive; of a dry run, those that can be if nothing changed.
    var linkedParts = 0
    var checksum = ""
  }

  /// The version of the JSON form.
  static let currentSchema = "convoy.export/1"

  /// Objects that rows of `files` name.
  struct Objects: Sendable {
    /// Rows whose object is kept.
    var rows: Int
    /// Bytes of the objects, each counted once.
    var bytes: Int
    /// Rows whose object the store did not have as they say.
    var missing: Int
    /// Objects that no earlier archive had; of a dry run, those that would have to be copied.
    var copied: Int
    var copiedBytes: Int
  }

  let pipelineName: String
  let pipelineFile: String
  let isDryRun: Bool
  let source: String
  let startedAt: String
  var finishedAt = ""
  var seconds = 0.0
  /// How it ended.
  public internal(set) var outcome = Outcome.done
  var failure: String?
  /// The archive's directory, once it is in place.
  var archive: String?
  /// The archive whose parts were taken over where nothing had changed.
  var former: String?
  var tables: [Table] = []
  /// Objects; nil where they are not kept.
  var objects: Objects?
  /// Bytes of parts that are new on disk.
  var writtenBytes = 0
  /// Parts read back and inflated.
  var verifiedParts = 0
  /// Archives removed, or of a dry run those that would be.
  var pruned: [String] = []
  var estimatedSeconds: Double?
  var freeBytes = 0
  let connections: Int
  var peakMemoryBytes = 0

  init(_ plan: ExportPlan, startedAt: String) {
    pipelineName = plan.spec.name
    pipelineFile = plan.file
    isDryRun = plan.isDryRun
    source = plan.target.description
    self.startedAt = startedAt
    connections = plan.connections
  }

  var rows: Int { tables.reduce(0) { $0 + $1.rows } }
  var rawBytes: Int { tables.reduce(0) { $0 + $1.rawBytes } }
  var packedBytes: Int { tables.reduce(0) { $0 + $1.packedBytes } }
  var storedBytes: Int { tables.reduce(0) { $0 + $1.storedBytes } }
  var parts: Int { tables.reduce(0) { $0 + $1.parts } }
  var linkedParts: Int { tables.reduce(0) { $0 + $1.linkedParts } }
}

extension ExportReport {
  /// The report as JSON of schema `convoy.export/1`: keys in a fixed order, one line end at the end.
  public func json() -> String {
    var writer = JSONWriter()
    writer.object { writer in
      writer.member("schema", Self.currentSchema)
      writer.member("version", Runner.version)
      writer.next("pipeline")
      writer.object(inline: true) { writer in
        writer.member("name", pipelineName)
        writer.member("file", pipelineFile)
      }
      writer.member("mode", isDryRun ? "dry-run" : "export")
      writer.member("outcome", outcome.rawValue)
      writer.member("failure", failure)
      writer.member("source", source)
      writer.member("startedAt", startedAt)
      writer.member("finishedAt", finishedAt)
      writer.member("archive", archive)
      writer.member("former", former)
      writer.next("tables")
      writer.array { writer in
        for table in tables { writer.element(table) }
      }
      writer.member("rows", rows)
      writer.member("rawBytes", rawBytes)
      writer.member("packedBytes", packedBytes)
      writer.member("storedBytes", storedBytes)
      writer.member("writtenBytes", writtenBytes)
      writer.member("parts", parts)
      writer.member("linkedParts", linkedParts)
      writer.member("verifiedParts", verifiedParts)
      if let objects {
        writer.next("objects")
        writer.object(inline: true) { writer in
          writer.member("rows", objects.rows)
          writer.member("bytes", objects.bytes)
          writer.member("missing", objects.missing)
          writer.member("copied", objects.copied)
          writer.member("copiedBytes", objects.copiedBytes)
        }
      }
      writer.next("pruned")
      writer.array(inline: true) { writer in
        for name in pruned {
          writer.next()
          writer.quoted(name)
        }
      }
      writer.member("estimatedSeconds", estimatedSeconds.map { Int($0.rounded(.up)) })
      writer.member("freeBytes", freeBytes)
      writer.member("seconds", seconds)
      writer.member("connections", connections)
      writer.member("peakMemoryBytes", peakMemoryBytes)
    }
    writer.put("\n")
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  func write(to directory: ReportDirectory) throws(FileError) {
    try directory.create()
    var file = try OutputFile(path: directory.reportPath)
    try file.write(Array(json().utf8).span)
    try file.finish()
  }
}

extension JSONWriter {
  fileprivate mutating func element(_ table: ExportReport.Table) {
    next()
    object(inline: true) { writer in
      writer.member("name", table.name)
      writer.member("rows", table.rows)
      writer.member("rawBytes", table.rawBytes)
      writer.member("packedBytes", table.packedBytes)
      writer.member("storedBytes", table.storedBytes)
      writer.member("parts", table.parts)
      writer.member("linkedParts", table.linkedParts)
      writer.member("checksum", table.checksum)
    }
  }
}
