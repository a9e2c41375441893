internal import Archive
internal import Crypto
internal import FoundationEssentials

/// What a dry run foretells, as a file: a load can be held to it.
///
/// `plan.json` beside the report, of schema `convoy.plan/1`.
struct PlanFile: Codable, Sendable, Equatable {
  static let currentSchema = "convoy.plan/1"

  struct Pipeline: Codable, Sendable, Equatable {
    var name: String
    var file: String
    /// SHA-256 of ``PlanFile/rule``, each line ended, in hexadecimal.
    var sha256: String
  }

  struct Input: Codable, Sendable, Equatable {
    var path: String
    var bytes: Int
    /// Nanoseconds since 1970.
    var modifiedAtNanoseconds: Int64
    /// SHA-256 over size, time, and the first and last 64 KiB.
    var fingerprint: String
    /// SHA-256 of the whole file as it is stored.
    var sha256: String
    var tally: Tally
  }

  struct Table: Codable, Sendable, Equatable {
    var name: String
    /// Rows the table held before.
    var rowsBefore: Int
    /// Rows that would be inserted or updated.
    var rowsWritten: Int
    /// Rows made of the inputs, refused and repeated ones too.
    var rowsEncoded: Int
    /// ``RowChecksum`` over these.
    var checksum: String
    /// What stands for facts the source does not have, by column: among them the time of the dry run.
    var defaults: [String: String]
    /// What the target's catalogue said of the table, a line each.
    var definition: [String]
  }

  var schema = currentSchema
  var version: String
  var madeAt: String
  var target: String
  var pipeline: Pipeline
  /// Lines `key=value` of all that decides rows and batches.
  var rule: [String]
  var inputs: [Input]
  var batches: Int
  var rejectLines: Int
  var total: Tally
  var tables: [Table]
}

extension PlanFile {
  /// Reads a plan.
  ///
  /// - Returns: the plan, and the SHA-256 of its bytes in hexadecimal, which names it in the ledger.
  /// - Throws: ``RunError`` when it cannot be read or is no plan of this version.
  static func read(_ path: String) throws(RunError) -> (plan: PlanFile, sha256: String) {
    let bytes = try RunError.onFiles { () throws(FileError) in
      let file = try InputFile(path: path)
      return try file.bytes(at: 0, upTo: file.size ?? 0)
    }
    let digest = hexText(SHA256.hash(data: bytes))
    do {
      let plan = try JSONDecoder().decode(PlanFile.self, from: Data(bytes))
      guard plan.schema == currentSchema else {
        throw RunError(
          .failed, "\(path): a plan of schema \(plan.schema), this convoy knows \(currentSchema)",
          hint: "make it anew with --dry-run")
      }
      return (plan, String(decoding: digest, as: UTF8.self))
    } catch let error as RunError {
      throw error
    } catch {
      throw RunError(
        .failed, "\(path): not a plan of a dry run", hint: "convoy run PIPELINE --dry-run makes one"
      )
    }
  }

  /// Writes it; it appears whole or not at all.
  func write(_ path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let bytes = Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
    try RunError.onFiles { () throws(FileError) in
      var file = try OutputFile(path: path)
      try file.write(bytes.span)
      try file.finish()
    }
  }
}
