/// A tool as found on this machine, ready to load.
struct Peer {
  let kind: Kind
  let version: String
  let command: [String]
  /// Added to what every child of the comparison sees.
  var variables: [String: String] = [:]

  /// The tools there are, in the order of the first round; `rawValue` is the name `--skip` takes.
  enum Kind: String, Encodable, CaseIterable {
    case convoy, psycopg, dlt, pgloader, sling, psql

    var job: PeerJob {
      switch self {
      case .convoy, .psycopg, .dlt: .sameJob
      case .pgloader, .sling: .readyRows
      case .psql: .ceiling
      }
    }

    /// The part of the target in which its rows are, and the columns by which they can be told right.
    var leaves: LoadedRows {
      switch self {
      case .convoy, .pgloader, .sling, .psql: .everyColumn
      case .psycopg: .mappedColumns(schema: "public")
      case .dlt: .mappedColumns(schema: DltPeer.schema)
      }
    }

    var install: String {
      switch self {
      case .convoy: "swift build -c release --static-swift-stdlib"
      case .psycopg: "pip install 'psycopg[binary]'"
      case .dlt: "pip install 'dlt[postgres]'"
      case .pgloader: "apt-get install pgloader"
      case .sling:
        "pip install sling-linux-amd64 (or sling, which fetches its program when first used)"
      case .psql: "apt-get install postgresql-client"
      }
    }

    /// What must be known to read its figures.
    var note: String {
      switch self {
      case .convoy: "validation, ledger and report on"
      case .psycopg:
        "a script: COPY into temporary tables, INSERT … ON CONFLICT DO NOTHING, ids by uuid5"
      case .dlt:
        "into tables of its own, which have no foreign key, CHECK or other index; insert-only, by CSV"
      case .pgloader: "its defaults; adds rows, cannot skip those that are there"
      case .sling: "incremental by primary key, through a table of its own"
      case .psql: "\\copy, a transaction for each table"
      }
    }
  }
}
