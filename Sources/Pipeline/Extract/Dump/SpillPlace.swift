/// Where rows of a dump wait for the rest of their conversation, and what may end the waiting.
struct SpillPlace: Sendable {
  /// Must exist when the first row comes; its file system takes the rows.
  var directory: String
  /// Throws when the run is to stop.
  var check: @Sendable () throws(RunError) -> Void
  /// Told of rows that wait now, and their bytes.
  var note: @Sendable (_ bytes: Int, _ rows: Int) -> Void = { _, _ in }
}
