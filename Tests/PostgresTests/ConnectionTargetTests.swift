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
}
