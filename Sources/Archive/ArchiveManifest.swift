/// What is in an archive: written last, so that an archive that has one is whole.
///
/// JSON of schema `convoy.archive/1`. Properties are named as their keys; sizes are bytes, times RFC 3339.
public struct ArchiveManifest: Sendable, Hashable, Codable {
  /// The version of this form that is written, and the only one that is read.
  public static let currentSchema = "convoy.archive/1"
  /// The manifest's name in its directory.
  public static let fileName = "manifest.json"

  /// The version of this form.
  public var schema = Self.currentSchema
  /// Version of convoy that wrote it.
  public var version: String
  /// Name of the pipeline.
  public var pipeline: String
  /// When the export began; the archive's name says the same.
  public var createdAt: String
  /// When its last part was written.
  public var finishedAt: String
  /// How rows are written.
  public var format: String
  /// zlib's level.
  public var level: Int
  /// Raw bytes after which a member is cut, behind a whole row.
  public var memberBytes: Int
  /// For whom the parts are encrypted; nil where they are not.
  public var encryption: ArchiveEncryption?
  /// Where the rows came from.
  public var source: ArchivedSource
  /// Enumerated types the columns need, by their names.
  public var enums: [ArchivedEnum]
  /// The tables, in the order they can be restored in.
  public var tables: [ArchivedTable]

  /// The objects that rows of `files` name; nil where they are not kept.
  public var objects: ArchivedObjects?

  /// Makes a manifest without tables.
  public init(
    version: String, pipeline: String, createdAt: String, format: String, level: Int,
    memberBytes: Int, source: ArchivedSource
  ) {
    self.version = version
    self.pipeline = pipeline
    self.createdAt = createdAt
    finishedAt = createdAt
    self.format = format
    self.level = level
    self.memberBytes = memberBytes
    self.source = source
    enums = []
    tables = []
  }

  /// Rows of all tables.
  public var rows: Int { tables.reduce(0) { $0 + $1.rows } }
  /// Bytes of all parts before compression.
  public var rawBytes: Int { tables.reduce(0) { $0 + $1.rawBytes } }
  /// Bytes of all parts behind compression.
  public var packedBytes: Int { tables.reduce(0) { $0 + $1.packedBytes } }
}

/// The database an archive is of, at one moment.
public struct ArchivedSource: Sendable, Hashable, Codable {
  /// Name of the database.
  public var database: String
  /// The server's `server_version`.
  public var server: String
  /// Name of the snapshot all rows were read in.
  public var snapshot: String
  /// The server's time of that snapshot.
  public var snapshotAt: String
  /// Migrations the database had recorded, as `version name`.
  public var migrations: [String]

  /// Makes a description.
  public init(
    database: String, server: String, snapshot: String, snapshotAt: String, migrations: [String]
  ) {
    self.database = database
    self.server = server
    self.snapshot = snapshot
    self.snapshotAt = snapshotAt
    self.migrations = migrations
  }
}

/// An enumerated type.
public struct ArchivedEnum: Sendable, Hashable, Codable {
  /// Its name with the schema, quoted as SQL wants it.
  public var name: String
  /// Its labels in their order.
  public var labels: [String]

  /// Makes a description.
  public init(name: String, labels: [String]) {
    self.name = name
    self.labels = labels
  }
}

/// A table, its definition as far as rows need one, and its parts.
public struct ArchivedTable: Sendable, Hashable, Codable {
  /// Its schema.
  public var schema: String
  /// Its name.
  public var name: String
  /// Both as the server writes them, as in the definitions of constraints.
  public var sqlName: String
  /// Its columns, in order.
  public var columns: [ArchivedColumn]
  /// Primary key, unique, check and exclusion constraints, then foreign keys: names and definitions.
  public var constraints: [ArchivedConstraint]
  /// The indexes that no constraint makes.
  public var indexes: [ArchivedIndex]
  /// How a partitioned table is cut; nil for any other.
  public var partitioning: ArchivedPartitioning?
  /// Blocks of the table, or of each of its partitions, that a part covers.
  public var partBlocks: Int
  /// Rows in all parts.
  public var rows = 0
  /// Bytes of all parts before compression.
  public var rawBytes = 0
  /// Bytes of all parts behind compression.
  public var packedBytes = 0
  /// Sum of the first 128 bits of the SHA-256 of each row's line, without its end, modulo 2^128: the same
  /// whatever the order of the rows.
  public var checksum = UInt128(0).hex
  /// The parts, in the order of the table's blocks, one partition behind the other.
  public var parts: [ArchivedPart] = []

  /// Makes a table without parts.
  public init(
    schema: String, name: String, sqlName: String, columns: [ArchivedColumn],
    constraints: [ArchivedConstraint],
    indexes: [ArchivedIndex], partBlocks: Int
  ) {
    self.schema = schema
    self.name = name
    self.sqlName = sqlName
    self.columns = columns
    self.constraints = constraints
    self.indexes = indexes
    self.partBlocks = partBlocks
  }

  /// The name for people: with the schema where that is not `public`.
  public var title: String { schema == "public" ? name : "\(schema).\(name)" }
}

/// One column.
public struct ArchivedColumn: Sendable, Hashable, Codable {
  /// Its name.
  public var name: String
  /// Its type as SQL writes it, with schema where that is needed, and with modifiers.
  public var type: String
  /// How its values are written.
  public var form: String
  /// Whether NULL is refused.
  public var isNotNull: Bool
  /// Its default, or the expression it is generated by, as SQL.
  public var expression: String?
  /// Whether the expression generates it, so that it cannot be written.
  public var isGenerated: Bool
  /// `always` or `by default` where it is an identity.
  public var identity: String?
  /// Name of the sequence the default takes its values from, where that is the column's own.
  public var sequence: String?

  /// Makes a column.
  public init(
    name: String, type: String, form: String, isNotNull: Bool, expression: String?,
    isGenerated: Bool, identity: String?, sequence: String?
  ) {
    self.name = name
    self.type = type
    self.form = form
    self.isNotNull = isNotNull
    self.expression = expression
    self.isGenerated = isGenerated
    self.identity = identity
    self.sequence = sequence
  }
}

/// One constraint.
public struct ArchivedConstraint: Sendable, Hashable, Codable {
  /// Its name.
  public var name: String
  /// Its definition, as behind `ADD CONSTRAINT name`.
  public var definition: String
  /// The table a foreign key refers to, as the definition names it; nil for any other constraint.
  public var references: String?

  /// Makes a constraint.
  public init(name: String, definition: String, references: String?) {
    self.name = name
    self.definition = definition
    self.references = references
  }
}

/// One index.
public struct ArchivedIndex: Sendable, Hashable, Codable {
  /// Its name.
  public var name: String
  /// Whether it refuses what it has already.
  public var isUnique: Bool
  /// Its definition, from `USING` on.
  public var definition: String

  /// Makes an index.
  public init(name: String, isUnique: Bool, definition: String) {
    self.name = name
    self.isUnique = isUnique
    self.definition = definition
  }
}
