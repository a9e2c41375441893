internal import Crypto

/// What a worker needs to know to assemble batches; the same for all of a run.
struct AssemblySetup: Sendable {
  /// The dialects the inputs may be of.
  let dialects: [SourceFormat]
  let inputs: [PlannedInput]
  let transform: TransformPlan
  let rules: RuleSettings
  let sessionLayout: RowLayout<SessionField>
  let messageLayout: RowLayout<MessageField>
  let absentTime: Timestamp?
  let batchRows: Int
  let sampleLimit: Int
  /// Where the files that messages name are, if they are attached.
  var attached: MentionRoots?
  /// Rows about files that messages cite, if these are attached.
  var fileTables: FileTables?

  /// Eight digits that tell one set of inputs from another, for rows to say which of several copies of a
  /// session is the first.
  var inputSet: [UInt8] {
    var hash = SHA256()
    for name in inputs.map(\.name).sorted() { hash.update(data: Array(name.utf8) + [0]) }
    return hexText(Array(hash.finalize().prefix(4)))
  }
}
