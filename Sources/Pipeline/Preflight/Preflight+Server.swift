internal import Postgres

extension Preflight {
  /// `pg_current_snapshot` and a built-in `gen_random_uuid` came with this version.
  private static let leastVersion = 13
  /// What the tests run on.
  private static let testedVersion = 15

  static func version(_ facts: ServerFacts) -> Check {
    let found = "PostgreSQL \(facts.text("version"))"
    let major = (facts.number("version_number") ?? 0) / 10_000
    guard major >= leastVersion else {
      return Check(
        "version", .refused, "\(found), and convoy needs \(leastVersion) or later",
        advice: "upgrade the server")
    }
    guard major >= testedVersion else {
      return Check(
        "version", .note, found,
        advice: "has all that is needed, but convoy is tested with \(testedVersion) and later")
    }
    return Check("version", .ok, found)
  }

  static func encoding(_ facts: ServerFacts) -> Check {
    let encoding = facts.text("encoding")
    guard encoding == "UTF8" else {
      return Check(
        "encoding", .refused,
        "the database's encoding is \(encoding), which cannot hold every character",
        advice: "make the database anew: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0")
    }
    return Check("encoding", .ok, encoding)
  }

  static func writable(_ facts: ServerFacts) -> Check {
    guard !facts.isTrue("in_recovery") else {
      return Check(
        "writable", .refused, "the server is a standby and takes no writes",
        advice: "connect to the primary")
    }
    guard facts["read_only"] != "on" else {
      return Check(
        "writable", .refused, "the database is read-only: default_transaction_read_only is on",
        advice: "Supabase sets it when the disk is full: make room, then switch it off")
    }
    return Check("writable", .ok, "yes")
  }

  static func timeouts(_ facts: ServerFacts) -> Check {
    let set = [
      ("statement_timeout", "statement_timeout"), ("lock_timeout", "lock_timeout"),
      ("idle_in_transaction_session_timeout", "idle_timeout"),
      ("transaction_timeout", "transaction_timeout"),
    ].compactMap { setting, name in
      facts[name].flatMap { $0 == "0" ? nil : "\(setting) \($0)" }
    }
    guard !set.isEmpty else { return Check("timeouts", .ok, "none") }
    return Check(
      "timeouts", .note, set.joined(separator: ", "),
      advice: "do not matter: each of convoy's transactions has its own")
  }

  static func size(_ facts: ServerFacts) -> Check {
    let bytes = Double(facts.number("size_bytes") ?? 0)
    return Check("size", .ok, "database \(facts.text("database")) has \(Quantity.bytes(bytes))")
  }

  static func disk(_ facts: ServerFacts, _ peer: ConnectionPeer, inputBytes: Int?) -> Check {
    guard peer.isThisMachine, let directory = facts["data_directory"],
      let freeBytes = DiskSpace.freeBytes(ofServerIn: directory, startedAt: facts["started_at"])
    else {
      return Check("disk", .ok, "not visible from here")
    }
    let found = "\(Quantity.bytes(Double(freeBytes))) free in \(directory)"
    // Rows, indexes and the log of both, until the next checkpoint.
    let neededBytes = max((inputBytes ?? 0) * 3, 256 << 20)
    guard freeBytes < neededBytes else { return Check("disk", .ok, found) }
    return Check(
      "disk", .warning, found,
      advice: "make room: this load may need about \(Quantity.bytes(Double(neededBytes)))")
  }
}
