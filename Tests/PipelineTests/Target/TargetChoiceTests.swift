internal import Pipeline
internal import Postgres
internal import TestSupport
internal import Testing

@Suite struct TargetChoiceTests {
  @Test(
    arguments: [
      ("postgresql://u:pw@h:1/d", ["DATABASE_URL": "postgresql://x@y/z"], "postgresql://u@h:1/d"),
      ("service=work", [:], "service work"),
      (
        nil, ["DATABASE_URL": "postgresql://u:pw@h:1/d"],
        "postgresql://u@h:1/d (from DATABASE_URL)"
      ),
      (
        "local", ["CONVOY_HOME": "/c", "DATABASE_URL": "postgresql://x@y/z"],
        "local (database convoy, socket /c/local/socket)"
      ),
      (
        nil, ["CONVOY_HOME": "/c", "DATABASE_URL": "", "PGUSER": "u"],
        "local (database convoy, socket /c/local/socket)"
      ),
    ] as [(String?, [String: String], String)])
  func `the text decides, then DATABASE_URL, then local; no password is shown`(
    text: String?, environment: [String: String], description: String
  ) throws {
    #expect(
      try TargetChoice.resolve(text, environment: environment).description == description)
  }

  @Test(arguments: ["PGHOST", "PGDATABASE", "PGSERVICE", "PGPORT"])
  func `a variable of libpq that names a server is taken before local`(name: String) throws {
    let choice = try TargetChoice.resolve(nil, environment: [name: "x", "CONVOY_HOME": "/c"])
    #expect(!choice.isLocal)
    #expect(choice.description.hasSuffix("(from libpq's environment variables)"))
  }

  @Test(arguments: [[:], ["DATABASE_URL": "", "PGUSER": "u"]])
  func `an export takes no database that nobody named, and the ways to name one are told`(
    environment: [String: String]
  ) {
    let error = #expect(throws: RunError.self) {
      try TargetChoice.resolve(
        nil, or: ExportSpec(), of: "nightly.yaml",
        environment: environment.merging(["CONVOY_HOME": "/c"]) { $1 })
    }
    #expect(error?.kind == .badPipeline)
    #expect(error?.message.hasPrefix("nightly.yaml: no database is named") == true)
    for way in ["--target", "export.target", "DATABASE_URL", "PGHOST", "local"] {
      #expect(error?.hint?.contains(way) == true, "\(way)")
    }
  }

  @Test(
    arguments: [
      ("local", [:], true), (nil, ["DATABASE_URL": "postgresql://u@h/d"], false),
      (nil, ["PGSERVICE": "x"], false),
    ] as [(String?, [String: String], Bool)])
  func `an export takes a database that is named, the local one too`(
    text: String?, environment: [String: String], isLocal: Bool
  ) throws {
    let choice = try TargetChoice.resolve(
      text, or: ExportSpec(), of: "nightly.yaml",
      environment: environment.merging(["CONVOY_HOME": "/c"]) { $1 })
    #expect(choice.isLocal == isLocal)
  }

  @Test(arguments: ["locale", "postgress://u:hunter2@h/d", "hunter2"])
  func `a text that is no target is refused without being repeated`(text: String) {
    let error = #expect(throws: PostgresError.self) {
      try TargetChoice.resolve(text, environment: [:])
    }
    #expect(error?.reason == .connectionString)
    #expect(error?.description.contains(text) == false)
  }

  @Test func `an empty text is no target, whatever the environment says`() {
    let error = #expect(throws: PostgresError.self) {
      try TargetChoice.resolve("", environment: ["DATABASE_URL": "postgresql://u@h/d"])
    }
    #expect(error?.reason == .connectionString)
  }

  @Test func `asking for the local target without starting it starts nothing`() async throws {
    try await TemporaryDirectory.with { directory in
      let choice = try TargetChoice.resolve(
        "local", environment: ["CONVOY_HOME": directory.path + "/home"])
      let target = try await choice.connectionTarget(startingLocal: false)
      #expect(throws: PostgresError.self) { _ = try PostgresConnection(target) }
      #expect(throws: (any Error).self) { try directory.read("home/local/data/PG_VERSION") }
    }
  }
}
