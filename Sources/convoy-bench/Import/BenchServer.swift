/// The server both tools load into, with its two databases: one that only has the schema and one made anew
/// from it before each load.
struct BenchServer {
  let url: DatabaseURL
  let cpu: ServerCPU?

  static let template = "convoy_bench_template"
  static let loaded = "convoy_bench"

  /// Connects, and switches autovacuum off so that neither tool pays for the other's rows.
  init(url: DatabaseURL) async throws {
    self.url = url
    let pid = try await Self.psql(
      url.text, ["select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)"])
    cpu = Int(pid).flatMap(ServerCPU.init(postmaster:))
    try await administer(["alter system set autovacuum = off", "select pg_reload_conf()"])
  }

  /// Drops the databases and gives the server its own autovacuum setting back.
  func release() async throws {
    try await administer([
      Self.drop(Self.loaded), Self.drop(Self.template),
      "alter system reset autovacuum", "select pg_reload_conf()",
    ])
  }

  func makeEmptyTemplate() async throws {
    try await administer([
      Self.drop(Self.loaded), Self.drop(Self.template), "create database \(Self.template)",
    ])
  }

  /// Gives every load the same start: empty tables and no dirty pages of the load before.
  func makeFreshDatabase() async throws {
    try await administer([
      Self.drop(Self.loaded),
      "create database \(Self.loaded) template \(Self.template)",
      "checkpoint",
    ])
  }

  func contents() async throws -> TableContents {
    try await TableContents(
      sessions: checksum(of: "exai_sessions"), messages: checksum(of: "exai_messages"))
  }

  /// Count and a sum over every column of every row, which no order of the rows changes.
  private func checksum(of table: String) async throws -> TableContents.Checksum {
    try await checksum(of: "t", from: "\(table) t")
  }

  /// The same over a row expression of the rows that a FROM clause gives.
  func checksum(of row: String, from rows: String) async throws -> TableContents.Checksum {
    let query = "select count(*), coalesce(sum(hashtextextended((\(row))::text, 0)::numeric), 0)"
    let answer = try await Self.psql(url.database(Self.loaded), ["\(query) from \(rows)"])
    let fields = answer.split(separator: "|")
    guard fields.count == 2, let rows = Int(fields[0]) else {
      throw BenchError.unreadableAnswer(command: ["psql", query], answer: answer)
    }
    return TableContents.Checksum(rows: rows, sum: String(fields[1]))
  }

  private func administer(_ statements: [String]) async throws {
    _ = try await Self.psql(url.text, statements)
  }

  private static func drop(_ database: String) -> String {
    "drop database if exists \(database) with (force)"
  }

  /// Runs each statement in a transaction of its own, as `create database` requires.
  private static func psql(_ url: String, _ statements: [String]) async throws -> String {
    try await answer(
      of: ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", url]
        + statements.flatMap { ["-c", $0] })
  }
}
