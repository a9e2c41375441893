import Foundation
import Testing

@testable import Pipeline

struct ZoneRulesTests {
  @Test(
    arguments: [
      ("2025-11-15T20:57:50.789703", "2025-11-15T09:57:50.789703Z", .plain),
      ("2025-07-01T12:00:00", "2025-07-01T02:00:00Z", .plain),
      // Clocks went forward at 02:00 on 2025-10-05.
      ("2025-10-05T01:59:59.999999", "2025-10-04T15:59:59.999999Z", .plain),
      ("2025-10-05T02:00:00", "2025-10-04T16:00:00Z", .gap),
      ("2025-10-05T02:30:00", "2025-10-04T16:30:00Z", .gap),
      ("2025-10-05T02:59:59.999999", "2025-10-04T16:59:59.999999Z", .gap),
      ("2025-10-05T03:00:00", "2025-10-04T16:00:00Z", .plain),
      // Clocks went back at 03:00 on 2025-04-06.
      ("2025-04-06T01:59:59.999999", "2025-04-05T14:59:59.999999Z", .plain),
      ("2025-04-06T02:00:00", "2025-04-05T15:00:00Z", .overlap),
      ("2025-04-06T02:30:00", "2025-04-05T15:30:00Z", .overlap),
      ("2025-04-06T02:59:59.999999", "2025-04-05T15:59:59.999999Z", .overlap),
      ("2025-04-06T03:00:00", "2025-04-05T17:00:00Z", .plain),
    ] as [(String, String, ZoneRules.Reading)])
  func `Melbourne's clock is read`(
    wallClock: String, instant: String, kind: ZoneRules.Reading
  ) throws {
    let rules = try #require(ZoneRules(identifier: "Australia/Melbourne"))
    let resolved = rules.resolve(naive: try naive(wallClock))
    #expect(resolved.instant.rfc3339 == instant)
    #expect(resolved.kind == kind)
  }

  @Test(
    arguments: [
      ("America/New_York", "2025-03-09T02:30:00", "2025-03-09T07:30:00Z", .gap),
      ("America/New_York", "2025-11-02T01:30:00", "2025-11-02T05:30:00Z", .overlap),
      ("Australia/Lord_Howe", "2025-10-05T02:15:00", "2025-10-04T15:45:00Z", .gap),
      ("Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T22:00:00Z", .gap),
      ("Asia/Kolkata", "2025-10-05T02:30:00", "2025-10-04T21:00:00Z", .plain),
      ("Etc/GMT-14", "2025-10-05T02:30:00", "2025-10-04T12:30:00Z", .plain),
    ] as [(String, String, String, ZoneRules.Reading)])
  func `clocks of other zones are read`(
    zone: String, wallClock: String, instant: String, kind: ZoneRules.Reading
  ) throws {
    let rules = try #require(ZoneRules(identifier: zone))
    let resolved = rules.resolve(naive: try naive(wallClock))
    #expect(resolved.instant.rfc3339 == instant)
    #expect(resolved.kind == kind)
  }

  @Test(arguments: ["UTC", "Etc/UTC", "GMT"])
  func `UTC's clock is its time`(name: String) throws {
    let rules = try #require(ZoneRules(identifier: name))
    let time = Timestamp(microseconds: 1_759_659_153_925_398)
    #expect(rules.resolve(naive: time).instant == time)
    #expect(rules.resolve(naive: time).kind == .plain)
  }

  @Test(arguments: ["", "Foo/Bar", "Australia/melbourne", "../etc/passwd", "+11:00", "local"])
  func `an unknown zone has no rules`(name: String) {
    #expect(ZoneRules(identifier: name) == nil)
  }

  @Test(arguments: [
    "Australia/Melbourne", "Australia/Lord_Howe", "America/New_York", "Europe/Dublin",
    "Africa/Casablanca", "America/Sao_Paulo", "Pacific/Apia",
  ])
  func `each instant's wall clock leads back to it, or to the first time the clock showed it`(
    name: String
  ) throws {
    let rules = try #require(ZoneRules(identifier: name))
    let zone = try #require(TimeZone(identifier: name))
    var overlaps = 0
    // A quarter of an hour at a time, over four years of changes.
    for second in stride(from: 1_262_304_000, to: 1_388_534_400, by: 900) {
      let date = Date(timeIntervalSince1970: Double(second))
      let offset = zone.secondsFromGMT(for: date)
      let resolved = rules.resolve(naive: seconds(second + offset))
      switch resolved.kind {
      case .plain:
        if resolved.instant != seconds(second) {
          Issue.record("\(second) became \(resolved.instant.rfc3339)")
        }
      case .overlap:
        overlaps += 1
        let earlier = resolved.instant.microseconds / 1_000_000
        let earlierDate = Date(timeIntervalSince1970: Double(earlier))
        if earlier > second
          || Int(earlier) + zone.secondsFromGMT(for: earlierDate) != second + offset
        {
          Issue.record("\(second) became \(resolved.instant.rfc3339)")
        }
      case .gap:
        Issue.record("\(second) is an instant, so its wall clock exists")
      }
    }
    #expect(overlaps > 0)
  }

  @Test func `rules reach from before 1970 to after 2100 with the nearest offset`() throws {
    let rules = try #require(ZoneRules(identifier: "Australia/Melbourne"))
    #expect(
      rules.resolve(naive: try naive("1901-01-01")).instant.rfc3339 == "1900-12-31T14:00:00Z")
    #expect(
      rules.resolve(naive: try naive("2099-07-01")).instant.rfc3339 == "2099-06-30T14:00:00Z")
    #expect(
      rules.resolve(naive: try naive("2150-01-01")).instant.rfc3339 == "2149-12-31T13:00:00Z")
  }
}

private func naive(_ text: String) throws -> Timestamp {
  guard case .naive(let time) = ParsedTime(Array(text.utf8).span) else {
    throw NotNaive(text: text)
  }
  return time
}

private struct NotNaive: Error {
  var text: String
}

private func seconds(_ value: Int) -> Timestamp {
  Timestamp(microseconds: Int64(value) * 1_000_000)
}
