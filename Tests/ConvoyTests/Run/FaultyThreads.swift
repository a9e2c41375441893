/// Conversations of which some messages, or whole sessions, are such that the target refuses them.
struct FaultyThreads {
  private static let messagesPerSession = 9

  /// Rows there are in all, good and bad, of 2000 sessions.
  static let rows = 2000 * (messagesPerSession + 1)

  /// Options that put all of them into one batch.
  static let oneBatch = ["--set", "load.batchRows=\(rows)", "--set", "load.batchBytes=64MiB"]

  /// JSON lines, a conversation each.
  private(set) var text = ""
  /// The source of each row that will be refused itself, with the fault that it has.
  private(set) var bad: [String: Fault] = [:]
  /// The source of each message whose session will be refused.
  private(set) var dependents: Set<String> = []
  private(set) var goodSessions = 0
  private(set) var goodMessages = 0

  /// Spreads `count` bad rows of each fault over the whole.
  init(_ faults: [Fault], count: Int, sessions: Int = 2000) {
    var random = SeededGenerator(UInt64(count))
    var sessionFaults: [Int: Fault] = [:]
    var messageFaults: [Int: Fault] = [:]
    for fault in faults {
      var left = count
      while left > 0 {
        switch fault.part {
        case .session:
          let place = Int.random(in: 0..<sessions, using: &random)
          guard sessionFaults.updateValue(fault, forKey: place) == nil else { continue }
        case .message:
          // Never a session's first: a bad one may need a good one before it, which is not bad itself.
          let session = Int.random(in: 0..<sessions, using: &random)
          let number = Int.random(in: 0..<Self.messagesPerSession / 2, using: &random) * 2 + 1
          let place = session * Self.messagesPerSession + number
          guard sessionFaults[session] == nil,
            messageFaults.updateValue(fault, forKey: place) == nil
          else { continue }
        }
        left -= 1
      }
    }
    for session in 0..<sessions { add(session, sessionFaults[session], messageFaults) }
  }

  private mutating func add(_ session: Int, _ fault: Fault?, _ messageFaults: [Int: Fault]) {
    var turns: [String] = []
    for number in 0..<Self.messagesPerSession {
      let place = session * Self.messagesPerSession + number
      var members = #""content":"s\#(session) m\#(number)""#
      if let own = messageFaults[place] {
        members = own.members(place, "s\(session) m\(number - 1)")
      }
      if !members.contains("model_name") { members += #","model_name":"m""# }
      let turn =
        #"{"role":"user","timestamp":"2025-10-16T01:02:0\#(number)Z",\#(members)}"#
      turns.append(turn)
      if fault != nil {
        dependents.insert(turn)
      } else if let own = messageFaults[place] {
        bad[turn] = own
      } else {
        goodMessages += 1
      }
    }
    let line =
      #"{"thread_id":"\#(fault == nil ? "t" : "bad")\#(session)","turns":[\#(turns.joined(separator: ","))]}"#
    if let fault { bad[line] = fault } else { goodSessions += 1 }
    text += line + "\n"
  }
}
