import Testing

@testable import Pipeline

struct TransformPlanTests {
  struct Note: Equatable {
    var rule: Rule
    var field: String
  }

  /// What becomes of a message with this role and time.
  private func prepared(
    role: String? = #""user""#, time: String? = nil,
    _ change: (inout TransformSpec) -> Void = { _ in }
  ) throws -> (message: PreparedMessage, notes: [Note]) {
    var spec = TransformSpec()
    change(&spec)
    let plan = try TransformPlan(spec)
    let tape = try parsed("{\"role\":\(role ?? "0"),\"time\":\(time ?? "0")}")
    var notes: [Note] = []
    let message = plan.prepare(
      role: role == nil ? .absent : .value(try tape.needed("role")),
      time: time == nil ? nil : try tape.needed("time"), content: .absent, refusal: .absent,
      format: .threads, of: tape
    ) { rule, field, _ in
      notes.append(Note(rule: rule, field: field))
    }
    return (message, notes)
  }

  @Test(arguments: [
    ("user", StoredRole.user, false), ("assistant", .assistant, false), ("system", .system, false),
    ("tool", .system, true), ("function", .system, true), ("developer", .system, true),
    ("human", .user, true),
    ("ai", .assistant, true), ("Assistant", .assistant, true), ("TOOL", .system, true),
    ("User", .user, true),
  ])
  func `a role is stored as one of the three, its own word kept where it differs`(
    word: String, role: StoredRole, isMapped: Bool
  ) throws {
    let (message, notes) = try prepared(role: "\"\(word)\"", time: "1759659153")
    #expect(message.refusal == nil)
    #expect(message.role == role)
    #expect((message.sourceRole != nil) == isMapped)
    #expect(notes == (isMapped ? [Note(rule: .roleMapped, field: "role")] : []))
  }

  @Test func `a pipeline's own roles are added and win`() throws {
    let change: (inout TransformSpec) -> Void = { spec in
      spec.roles["bot"] = .assistant
      spec.roles["tool"] = .assistant
      spec.roles["system"] = .user
    }
    #expect(try prepared(role: #""bot""#, change).message.role == .assistant)
    #expect(try prepared(role: #""tool""#, change).message.role == .assistant)
    let (message, notes) = try prepared(role: #""system""#, change)
    #expect(message.role == .user)
    #expect(notes.first?.rule == .roleMapped)
  }

  @Test(
    arguments: [
      (nil, Rule.roleMissing), (#""""#, .roleMissing), (#"" ""#, .roleMissing),
      (#""\n""#, .roleMissing), ("7", .roleMissing),
      (#"["user"]"#, .roleMissing), (#""narrator""#, .roleUnknown), (#""user ""#, .roleUnknown),
    ] as [(String?, Rule)])
  func `a role that is missing or unknown refuses the message`(role: String?, rule: Rule) throws {
    #expect(try prepared(role: role).message.refusal?.rule == rule)
  }

  @Test(
    arguments: [
      (#""2025-10-05T10:12:33Z""#, "2025-10-05T10:12:33Z"),
      (#""2025-10-05T10:12:33.5+11:00""#, "2025-10-04T23:12:33.5Z"),
      ("1759659153", "2025-10-05T10:12:33Z"), ("1759659153123", "2025-10-05T10:12:33.123Z"),
      ("1759659153.123456", "2025-10-05T10:12:33.123456Z"),
      (#""2025-10-05T10:12:33\u002b00:00""#, "2025-10-05T10:12:33Z"),
      (#""2025-10-05T10:12:33\u002B11:00""#, "2025-10-04T23:12:33Z"),
      (#""2025-10-05\t10:12:33Z""#, nil),
    ] as [(String, String?)])
  func `a time with a zone is the message's time`(time: String, expected: String?) throws {
    let (message, notes) = try prepared(time: time)
    #expect(message.time?.rfc3339 == expected)
    #expect(message.refusal?.rule == (expected == nil ? .timeInvalid : nil))
    #expect(!message.isTimeChanged)
    #expect(notes == [])
  }

  @Test(arguments: [
    ("2025-07-01T12:00:00", "2025-07-01T02:00:00Z", Rule.timeNaive),
    ("2025-12-01 12:00:00", "2025-12-01T01:00:00Z", .timeNaive),
    ("2025-10-05T02:30:00", "2025-10-04T16:30:00Z", .timeZoneChange),
    ("2025-04-06T02:30:00", "2025-04-05T15:30:00Z", .timeZoneChange),
  ])
  func `a time without a zone is read in the pipeline's and told`(
    time: String, expected: String, rule: Rule
  ) throws {
    let (message, notes) = try prepared(time: "\"\(time)\"") {
      $0.timeZone = TimeZones("Australia/Melbourne")
    }
    #expect(message.time?.rfc3339 == expected)
    #expect(message.isTimeChanged)
    #expect(message.clock == .threads)
    #expect(notes == [Note(rule: rule, field: "created_at")])
  }

  @Test(arguments: [nil, #""""#, #""  ""#, #""\n""#] as [String?])
  func `a message without a time is told and has none`(time: String?) throws {
    let (message, notes) = try prepared(time: time)
    #expect(message.refusal == nil)
    #expect(message.time == nil)
    #expect(notes == [Note(rule: .timeMissing, field: "created_at")])
  }

  @Test(arguments: [
    (#""yesterday""#, Rule.timeInvalid), (#""2025-13-01""#, .timeInvalid), ("true", .timeInvalid),
    ("{}", .timeInvalid),
    (#""1759659153""#, .timeInvalid), ("1e30", .timeInvalid), ("0", .timeRange),
    (#""1999-12-31T23:59:59Z""#, .timeRange),
    (#""2019-12-31T23:59:59.999999Z""#, .timeRange), (#""2099-01-01T00:00:00Z""#, .timeRange),
  ])
  func `an impossible time refuses the message`(time: String, rule: Rule) throws {
    #expect(try prepared(time: time).message.refusal?.rule == rule)
  }

  @Test(arguments: [(99, true), (100, false), (199, false), (200, true)])
  func `messages before since and from until on are filtered`(second: Int, isFiltered: Bool) throws
  {
    let (message, _) = try prepared(time: "\(1_700_000_000 + second)") { spec in
      spec.sinceMicroseconds = 1_700_000_100_000_000
      spec.untilMicroseconds = 1_700_000_200_000_000
    }
    #expect(message.refusal == nil)
    #expect(message.isFiltered == isFiltered)
  }

  @Test func `a message without a time is not filtered`() throws {
    #expect(try !prepared { $0.sinceMicroseconds = 1 }.message.isFiltered)
  }

  @Test func `what the dialect refused stays refused`() throws {
    let plan = try TransformPlan(TransformSpec())
    let tape = try parsed("[]")
    let refusal = Refusal(rule: .recordShape, field: nil, message: "no object")
    let message = plan.prepare(
      role: .absent, time: nil, content: .absent, refusal: Rare(refusal), format: .threads,
      of: tape
    ) { _, _, _ in Issue.record("nothing to tell") }
    #expect(message.refusal?.rule == .recordShape)
  }

  @Test func `members for every session are ready as JSON in the order of their names`() throws {
    var spec = TransformSpec()
    spec.metadata.add = ["b": "two\"", "a": "one"]
    #expect(text(try TransformPlan(spec).addedMetadata) == #","a":"one","b":"two\"""#)
  }

  @Test func `an unknown zone and metadata that would hide the source's are refused`() {
    for change in [
      { (spec: inout TransformSpec) in spec.timeZone = TimeZones("Mars/Olympus") },
      { spec in spec.latestMicroseconds = spec.earliestMicroseconds - 1 },
      { spec in spec.metadata.add = ["legacy": "x"] },
    ] {
      var spec = TransformSpec()
      change(&spec)
      let changed = spec
      #expect(throws: RunError.self) { try TransformPlan(changed) }
    }
  }
}
