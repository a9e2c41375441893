extension PipelineSpec {
  /// The keys of section `export`.
  static let exportKeys: [SpecKey] = [
    SpecKey(
      "export.root", .text, \.export.root, isRequired: true,
      "directory of the archives, or store:BUCKET/PREFIX; each is a directory in it, named by time"
    ),
    SpecKey(
      "export.target", SpecType.target.optional, \.export.target,
      default: "DATABASE_URL, else PG*; never local by itself",
      "the database; never with its password"),
    SpecKey(
      "export.passwordCommand", SpecType.command.optional, \.export.passwordCommand,
      default: "CONVOY_PASSWORD_COMMAND",
      "shell command that prints the password, where neither target nor PGPASSWORD holds one"),
    SpecKey(
      "export.tables", .names, \.export.tables,
      "tables, each with its schema where that is not public"),
    SpecKey(
      "export.files", .choice, \.export.files,
      "what is kept of files: their rows, or also their objects, out of the store"),
    SpecKey("export.format", .choice, \.export.format, "how rows are written"),
    SpecKey(
      "export.partBytes", .bytes((64 << 10)...(64 << 30)), \.export.partBytes,
      "bytes of a table, as the server stores it, that a part covers at most"),
    SpecKey(
      "export.connections", .integer(1...64), \.export.connections,
      default: "number of cores, at most 4", "parts read at a time, each by its own connection"),
    SpecKey("export.level", .integer(1...9), \.export.level, "zlib's level: 1 is fast, 9 small"),
    SpecKey(
      "export.every", SpecType.duration(60...(366 * 86_400)).optional, \.export.everySeconds,
      default: "none",
      "time within which there should be another archive; doctor tells when there is not"),
    SpecKey(
      "export.encrypt.age", .ageRecipients, \.export.encrypt.age,
      "public keys for which age encrypts every part"),
    SpecKey(
      "export.encrypt.gpg", .gpgRecipients, \.export.encrypt.gpg,
      "fingerprints of the keys for which gpg encrypts every part"),
    SpecKey(
      "export.verify", .choice, \.export.verify,
      "parts that are read back before the archive appears"),
    SpecKey(
      "export.keep.last", .integer(0...100_000), \.export.keep.last, "newest archives that stay"),
    SpecKey(
      "export.keep.daily", .integer(0...100_000), \.export.keep.daily,
      "days whose newest archive stays"),
    SpecKey(
      "export.keep.weekly", .integer(0...100_000), \.export.keep.weekly,
      "ISO weeks whose newest archive stays"),
    SpecKey(
      "export.keep.monthly", .integer(0...100_000), \.export.keep.monthly,
      "months whose newest archive stays"),
    SpecKey(
      "export.keep.yearly", .integer(0...100_000), \.export.keep.yearly,
      "years whose newest archive stays"),
    SpecKey(
      "export.onSuccess", .command, \.export.onSuccess,
      "program and arguments to run behind an archive, without a shell"),
    SpecKey(
      "export.onFailure", .command, \.export.onFailure,
      "program and arguments to run behind a failure, without a shell"),
    SpecKey(
      "export.metricsFile", SpecType.text.optional, \.export.metricsFile, default: "none",
      "file that takes figures of the last export, as node_exporter reads them"),
  ]
}
