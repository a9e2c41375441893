/// The server both tools load into, with its two databases: one that only has the schema and one made anew
/// from it before each load.
struct BenchServer {
  let url: DatabaseURL
  let cpu: ServerCPU?

  static let template = "convoy_bench_template"
  static let loaded = "convoy_bench"
  static let restored = "convoy_bench_restored"

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
      Self.drop(Self.loaded), Self.drop(Self.restored), Self.drop(Self.template),
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

  /// Makes a database anew from a template.
  func make(_ database: String, from template: String) async throws {
    try await administer([
      Self.drop(database), "create database \(database) template \(template)", "checkpoint",
    ])
  }

  func contents(of database: String = loaded) async throws -> TableContents {
    try await TableContents(
      sessions: checksum(of: "t", from: "exai_sessions t", in: database),
      messages: checksum(of: "t", from: "exai_messages t", in: database))
  }

  /// Count, and a sum over a row expression of the rows that a FROM clause gives, which no order of the rows
  /// changes.
  func checksum(
    of row: String, from rows: String, in database: String = loaded
  ) async throws -> TableContents.Checksum {
    let query = "select count(*), coalesce(sum(hashtextextended((\(row))::text, 0)::numeric), 0)"
    let answer = try await Self.psql(url.database(database), ["\(query) from \(rows)"])
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
