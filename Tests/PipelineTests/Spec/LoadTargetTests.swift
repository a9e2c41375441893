import Testing

@testable import Pipeline

@Suite struct LoadTargetTests {
  static let environment = ["PW": "sesame", "URL": "postgresql://u:sesame@h/db", "HOST": "h"]

  static func yaml(_ target: String) -> String {
    "source: {format: threads}\nload:\n  target: \(target)\n"
  }

  @Test(
    arguments: [
      ("local", LoadTarget.local),
      ("service=prod", .service("prod")),
      ("postgres://u@h:5432/db", .url("postgres://u@h:5432/db")),
      ("postgres:///db?host=/run/sock", .url("postgres:///db?host=/run/sock")),
      ("postgres://u:@h/db", .url("postgres://u:@h/db")),
      ("${URL}", .url("postgresql://u:sesame@h/db")),
      ("postgres://u:${PW}@${HOST}/db", .url("postgres://u:sesame@h/db")),
      ("postgres://${HOST}/db?password=${PW}", .url("postgres://h/db?password=sesame")),
      ("${TARGET:-}", nil),
    ] as [(String, LoadTarget?)])
  func `a target is local, a URL whose password came from a variable, or a service`(
    text: String, target: LoadTarget?
  ) throws {
    let spec = try PipelineSpecTests.spec(Self.yaml(text), environment: Self.environment)
    #expect(spec.load.target == target)
  }

  @Test(arguments: [
    "postgres://u:secret-77@h/db",
    "postgres://u:secret-77@${HOST}/db",
    "postgres://u:secret/77@h/db",
    "postgres://u:secret@77@h/db",
    "postgres://u:${PW}secret-77@h/db",
    "${URL:-postgres://u:secret-77@h/db}",
    "postgres://u:secret-77/x@h/db",
    "postgres://h/db?password=secret-77",
    "postgres://h/db?sslmode=require&sslpassword=secret-77",
    "'host=h password=secret-77'",
  ])
  func `a password written into the file is refused and not shown`(text: String) {
    #expect(
      PipelineSpecTests.refusal(Self.yaml(text), environment: Self.environment) == """
        p.yaml:3: load.target: must not hold a password; put the password in PGPASSWORD, \
        a service file or a pass file
        """)
  }

  @Test(arguments: [
    "mysql://secret", "secret", "service=", "'service=a passfile=b'", "[secret]", "{secret: 1}",
    "'${PW}'",
  ])
  func `anything else is refused without being shown`(text: String) {
    #expect(
      PipelineSpecTests.refusal(Self.yaml(text), environment: Self.environment)
        == "p.yaml:3: load.target: must be local, a postgres:// URL or service=NAME")
  }

  @Test func `printing a target shows no password`() {
    let target = LoadTarget.url("postgres://u:sesame@h/db")
    #expect("\(target) \(String(reflecting: target))" == "URL URL")
    #expect("\(LoadTarget.service("prod")) \(LoadTarget.local)" == "service=prod local")
  }
}
