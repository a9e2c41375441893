internal import Archive
internal import Foundation
internal import Pipeline

/// Archives for a person and for programs.
enum ArchiveText {
  /// A line an archive.
  static func table(_ history: ArchiveHistory) -> String {
    guard !history.archives.isEmpty else { return "no archives\n" }
    let rows = history.archives.map { archive in
      let manifest = archive.manifest
      return [
        archive.name, manifest.pipeline, "\(manifest.tables.count)", "\(manifest.rows)",
        size(manifest.rawBytes), size(manifest.packedBytes),
        size(archive.ownBytes), history.isVerified(archive) ? "yes" : "no",
      ]
    }
    return aligned(
      [["archive", "pipeline", "tables", "rows", "raw", "packed", "own", "verified"]] + rows,
      left: 2)
  }

  /// A JSON array of objects.
  static func json(_ history: ArchiveHistory) -> String {
    struct Line: Encodable {
      let name, path, pipeline, createdAt: String
      let rows, rawBytes, packedBytes, ownBytes: Int
      let isVerified: Bool
    }
    let lines = history.archives.map { archive in
      Line(
        name: archive.name, path: archive.path, pipeline: archive.manifest.pipeline,
        createdAt: archive.manifest.createdAt, rows: archive.manifest.rows,
        rawBytes: archive.manifest.rawBytes, packedBytes: archive.manifest.packedBytes,
        ownBytes: archive.ownBytes, isVerified: history.isVerified(archive))
    }
    return encoded(lines)
  }

  /// What a manifest says, parts left out.
  static func description(_ archive: ArchiveDirectory) -> String {
    let manifest = archive.manifest
    var text = ""
    for (name, value) in [
      ("archive", archive.path), ("pipeline", "\(manifest.pipeline), convoy \(manifest.version)"),
      ("source", "\(manifest.source.database), PostgreSQL \(manifest.source.server)"),
      ("moment", "\(manifest.source.snapshotAt), snapshot \(manifest.source.snapshot)"),
      ("written", "\(manifest.createdAt) to \(manifest.finishedAt)"),
      (
        "packed",
        "\(size(manifest.packedBytes)) of \(size(manifest.rawBytes)), \(size(archive.ownBytes)) of its own"
      ),
    ] {
      text += name + String(repeating: " ", count: 10 - name.count) + value + "\n"
    }
    if let encryption = manifest.encryption {
      for recipient in encryption.recipients {
        text += "encrypted by \(encryption.program.rawValue) for \(recipient)\n"
      }
    }
    if let objects = manifest.objects {
      text +=
        "objects   \(objects.rows) of \(size(objects.bytes)), \(objects.missing) missing in the store\n"
    }
    for migration in manifest.source.migrations { text += "migration \(migration)\n" }
    let rows = manifest.tables.map { table in
      [
        table.title, "\(table.rows)", size(table.rawBytes), size(table.packedBytes),
        "\(table.parts.count)", "\(table.parts.count(where: \.isLinked))", table.checksum,
      ]
    }
    return text + "\n"
      + aligned(
        [["table", "rows", "raw", "packed", "parts", "linked", "checksum"]] + rows, left: 1)
  }

  static func encoded(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Strings and whole numbers only: there is nothing an encoder could refuse.
    guard let data = try? encoder.encode(value) else { return "" }
    return String(decoding: data, as: UTF8.self) + "\n"
  }

  static func aligned(_ rows: [[String]], left: Int) -> String {
    guard let first = rows.first else { return "" }
    let widths = first.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - row[column].count)
        return column < left ? row[column] + padding : padding + row[column]
      }
      return cells.joined(separator: "  ") + "\n"
    }.joined()
  }

  /// `1.2 MB`: powers of a thousand.
  static func size(_ bytes: Int) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"]
    var (value, rank) = (Double(bytes), 0)
    while value >= 999.5, rank + 1 < units.count { (value, rank) = (value / 1000, rank + 1) }
    return rank == 0 ? "\(bytes) B" : String(format: "%.1f %@", value, units[rank])
  }
}

extension ArchiveDirectory {
  /// Bytes of parts no earlier archive has.
  fileprivate var ownBytes: Int {
    manifest.tables.flatMap(\.parts).filter { !$0.isLinked }.reduce(0) { $0 + $1.stored.bytes }
  }
}
