internal import Postgres

extension Preflight {
  static func role(_ facts: ServerFacts) -> Check {
    let traits =
      facts.isTrue("is_superuser")
      ? "superuser"
      : facts.isTrue("bypasses") ? "bypasses row level security" : "under row level security"
    let login =
      facts["session_role"] == facts["role"] ? "" : ", logged in as \(facts.text("session_role"))"
    return Check("role", .ok, "\(facts.text("role")): \(traits)\(login)")
  }

  static func rowSecurity(_ facts: ServerFacts) -> Check {
    let role = facts.text("role")
    let held = facts.loaded.filter(\.isRowSecurityActive)
    if let first = held.first {
      let names = held.map(\.name).joined(separator: " and ")
      var ways = ["connect as a role with BYPASSRLS: \(bypassingRoles(facts))"]
      if held.allSatisfy({ $0.owner == first.owner && !$0.isRowSecurityForced }) {
        ways.append("or as \(first.owner), the owner")
      }
      return Check(
        "row-security", .refused,
        "row level security on \(names) binds role \(role), and the server refuses COPY under it",
        advice: ways.joined(separator: ", "))
    }
    // No run loads files yet, so that this one keeps nothing from working.
    guard !facts.tables.contains(where: { $0.schema == "public" && $0.isRowSecurityActive }) else {
      return Check(
        "row-security", .warning, "row level security on files binds role \(role)",
        advice: "sessions and messages load; for files connect as \(bypassingRoles(facts))")
    }
    return Check("row-security", .ok, "does not bind role \(role)")
  }

  private static func bypassingRoles(_ facts: ServerFacts) -> String {
    facts["bypassing_roles"] ?? "postgres or service_role"
  }

  static func privileges(_ facts: ServerFacts) -> Check {
    let role = quotedIdentifier(facts.text("role"))
    let database = quotedIdentifier(facts.text("database"))
    var missing: [(found: String, grant: String)] = []
    func need(_ isThere: Bool, _ privilege: String, _ object: String) {
      guard !isThere else { return }
      missing.append(
        ("\(privilege) on \(object.lowercased())", "GRANT \(privilege) ON \(object) TO \(role)"))
    }
    need(facts["may_use_public"] != "f", "USAGE", "SCHEMA public")
    need(facts.isTrue("may_make_temporary"), "TEMPORARY", "DATABASE \(database)")
    if facts.isTrue("has_ledger") {
      need(facts.isTrue("may_use_ledger"), "USAGE", "SCHEMA convoy")
      let there = Set(facts.tables.filter { $0.schema == "convoy" }.map(\.name))
      need(
        facts.isTrue("may_extend_ledger") || there.isSuperset(of: ["runs", "batches", "inputs"]),
        "CREATE", "SCHEMA convoy")
    } else {
      need(facts.isTrue("may_create_schema"), "CREATE", "DATABASE \(database)")
    }
    for table in facts.tables where table.name != "files" && !table.missingPrivileges.isEmpty {
      let list = table.missingPrivileges.joined(separator: ", ")
      let name = "\(table.schema).\(quotedIdentifier(table.name))"
      missing.append((found: "\(list) on \(table.name)", grant: "GRANT \(list) ON \(name) TO \(role)"))
    }
    guard !missing.isEmpty else { return Check("privileges", .ok, "all that a load needs") }
    return Check(
      "privileges", .refused,
      "role \(facts.text("role")) lacks " + missing.map(\.found).joined(separator: "; "),
      advice: missing.map(\.grant).joined(separator: "; "))
  }
}
