internal import Postgres

extension Preflight {
  static func role(_ facts: ServerFacts) -> Check {
    let traits =
      facts.isTrue("is_superuser")
      ? "superuser"
      : facts.isTrue("bypasses") ? "bypasses row-level security" : "under row-level security"
    let login =
      facts["session_role"] == facts["role"] ? "" : ", logged in as \(facts.text("session_role"))"
    return Check("role", .ok, "\(facts.text("role")): \(traits)\(login)")
  }

  static func rowSecurity(_ facts: ServerFacts, forFiles: Bool) -> Check {
    let role = facts.text("role")
    let held = (forFiles ? facts.tables(["files"]) : facts.loaded).filter(\.isRowSecurityActive)
    if let first = held.first {
      let names = held.map(\.name).joined(separator: " and ")
      var ways = ["connect as a role that is not bound: \(bypassingRoles(facts))"]
      if facts["bypassing_roles"]?.split(separator: " ").contains(first.owner[...]) != true,
        held.allSatisfy({ $0.owner == first.owner && !$0.isRowSecurityForced })
      {
        ways.append("or as the owner, \(first.owner)")
      }
      return Check(
        "row-security", .refused,
        "row-level security on \(names) binds role \(role), and the server refuses COPY under it",
        advice: ways.joined(separator: ", "))
    }
    guard
      forFiles || !facts.tables.contains(where: { $0.schema == "public" && $0.isRowSecurityActive })
    else {
      return Check(
        "row-security", .warning, "row-level security on files binds role \(role)",
        advice: "sessions and messages load; for files connect as \(bypassingRoles(facts))")
    }
    return Check("row-security", .ok, "does not bind role \(role)")
  }

  private static func bypassingRoles(_ facts: ServerFacts) -> String {
    facts["bypassing_roles"] ?? "postgres or service_role"
  }

  static func privileges(_ facts: ServerFacts, forFiles: Bool) -> Check {
    let database = shortest(facts.text("database"))
    let there = Set(facts.tables.filter { $0.schema == "convoy" }.map(\.name))
    var missing: [(privileges: String, object: String)] = []
    func need(_ isThere: Bool, _ privilege: String, _ object: String) {
      if !isThere { missing.append((privilege, object)) }
    }
    need(facts["may_use_public"] != "f", "USAGE", "SCHEMA public")
    need(facts.isTrue("may_make_temporary"), "TEMPORARY", "DATABASE \(database)")
    if facts.isTrue("has_ledger") {
      need(facts.isTrue("may_use_ledger"), "USAGE", "SCHEMA convoy")
      need(
        facts.isTrue("may_extend_ledger") || there.isSuperset(of: ["runs", "batches", "inputs"]),
        "CREATE", "SCHEMA convoy")
    } else {
      need(facts.isTrue("may_create_schema"), "CREATE", "DATABASE \(database)")
    }
    let unused = forFiles ? ["exai_messages"] : ["files"]
    let tables = facts.tables.filter {
      !unused.contains($0.name) && !$0.missingPrivileges.isEmpty
        // Sessions are only looked up for files.
        && !(forFiles && $0.name == "exai_sessions" && !$0.missingPrivileges.contains("SELECT"))
    }
    for privileges in Set(tables.map(\.missingPrivileges)).sorted(by: { $0.count < $1.count }) {
      let names = tables.filter { $0.missingPrivileges == privileges }
        .map { "\($0.schema).\(shortest($0.name))" }
      need(false, privileges.joined(separator: ", "), names.joined(separator: ", "))
    }
    guard !missing.isEmpty else { return Check("privileges", .ok, "all that a load needs") }
    let role = facts.text("role")
    return Check(
      "privileges", .refused,
      "role \(role) lacks "
        + missing.map { "\($0.privileges) on \($0.object)" }.joined(separator: "; "),
      advice: missing.map { "GRANT \($0.privileges) ON \($0.object) TO \(shortest(role))" }
        .joined(separator: "; "))
  }

  /// A name as SQL takes it, in quotes only where it must be.
  private static func shortest(_ name: String) -> String {
    let isPlain =
      name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
      && name.first?.isNumber == false
    return isPlain ? name : quotedIdentifier(name)
  }
}
