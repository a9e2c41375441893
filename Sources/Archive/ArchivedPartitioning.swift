/// How a partitioned table is cut into partitions.
public struct ArchivedPartitioning: Sendable, Hashable, Codable {
  /// What rows are told apart by, as behind `PARTITION BY`.
  public var key: String
  /// The partitions, each behind the one it is cut from.
  public var partitions: [ArchivedPartition]

  /// Makes a description.
  public init(key: String, partitions: [ArchivedPartition]) {
    self.key = key
    self.partitions = partitions
  }
}

/// One partition.
public struct ArchivedPartition: Sendable, Hashable, Codable {
  /// Its schema.
  public var schema: String
  /// Its name.
  public var name: String
  /// Schema and name of what it is cut from: the table, or a partition that is cut once more.
  public var parentSchema: String
  /// See ``parentSchema``.
  public var parentName: String
  /// Which rows it holds, as behind `PARTITION OF`.
  public var bounds: String
  /// What its own partitions are told apart by; nil where rows are in it.
  public var key: String?

  /// Makes a description.
  public init(
    schema: String, name: String, parentSchema: String, parentName: String, bounds: String,
    key: String?
  ) {
    self.schema = schema
    self.name = name
    self.parentSchema = parentSchema
    self.parentName = parentName
    self.bounds = bounds
    self.key = key
  }
}
