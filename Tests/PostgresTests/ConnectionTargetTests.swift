internal import Postgres
internal import Testing

@Suite struct ConnectionTargetTests {
  @Test(
    arguments: [
      ("postgresql://u:hunter2@db.example:6543/d", "postgresql://u@db.example:6543/d"),
      (
        "host=db.example port=5433 user=u dbname=d password=hunter2",
        "postgresql://u@db.example:5433/d"
      ),
      (
        "postgresql://u@/d?host=/run/s&port=5432&password=hunter2",
        "postgresql://u@/d (socket /run/s:5432)"
      ),
      ("service=work password=hunter2", "service work"),
    ]) func `a description names server and database and no password`(
      text: String, description: String
    ) throws
  {
    #expect(try ConnectionTarget(text).description == description)
  }

  @Test func `a keyword set later replaces the earlier one`() throws {
    var target = try ConnectionTarget("host=a user=u")
    target.set("host", "b")
    #expect(target.parameters.filter { $0.key == "host" }.map(\.value) == ["b"])
    target.setDefault("host", "c")
    #expect(target.parameters.filter { $0.key == "host" }.map(\.value) == ["b"])
  }

  @Test(arguments: [
    "postgresql://u:ses@me@h/d", "postgresql://u:ses/me@h/d", "postgresql://u:7/sesame@h/d",
    "postgresql://u:ses?m@e@h/d", "postgresql:///d?port=sesame", "host=a@sesame",
    "dbname=postgresql://u:sesame@h/d", "dbname='host=h password=sesame'",
  ])
  func `a URL that libpq would take a password apart in is refused and not shown`(text: String) {
    let error = #expect(throws: PostgresError.self) { try ConnectionTarget(text) }
    #expect(error?.reason == .connectionString)
    #expect(error?.description.contains("%40") == true)
    for part in ["ses", "me@", "sesame"] { #expect(error?.description.contains(part) == false) }
  }

  @Test(arguments: [
    "postgresql://u:ses%40me%2F@h/d", "host=@abstract dbname=d", "host=a,b port=1,2",
    "postgresql://u@h/d?options=-c%20a.b%3Dc@d", "postgresql://%2Frun%2Fa%40b/d", "dbname=a@b",
    "postgresql://[::1]:5432/d", "service=work",
  ])
  func `what is written as it must be is taken`(text: String) throws {
    _ = try ConnectionTarget(text)
  }
}
