import Testing

@testable import Pipeline

struct MessageOrderTests {
  @Test(
    arguments: [
      ([5, 6, 9], [5, 6, 9], "fff"), ([5, 5, 5], [5, 6, 7], "ftt"),
      ([5, 5, 6, 7], [5, 6, 7, 8], "fttt"),
      ([5, 5, 5, 7], [5, 6, 7, 8], "fttt"), ([5, 5, 8], [5, 6, 8], "ftf"),
      ([9, 5, 6], [9, 5, 6], "fbf"),
      ([9, 5, 5, 9], [9, 5, 6, 10], "fbtt"), ([5, 5, 5, 6, 5], [5, 6, 7, 8, 9], "ftttt"),
      ([33, 33, 32, 33, 33], [33, 34, 32, 35, 36], "ftbtt"),
      ([9, 5, 8, 9, 8], [9, 5, 8, 10, 11], "fbftt"),
      ([-1, -1], [-1, 0], "ft"),
    ] as [([Int64], [Int64], String)])
  func `every time of a session is its own, and steps back stay`(
    times: [Int64], stored: [Int64], steps: String
  ) {
    var order = MessageOrder()
    let placed = times.map { order.place(Timestamp(microseconds: $0)) }
    #expect(placed.map(\.time.microseconds) == stored)
    let letters: [MessageOrder.Step: Character] = [.forward: "f", .tie: "t", .backward: "b"]
    #expect(String(placed.compactMap { letters[$0.step] }) == steps)
  }

  @Test(
    arguments: [
      // A rejected message is written as its negative time.
      ([5, -5, 5], [5, 6, 7], "f.t"), ([5, -9, 6], [5, 9, 6], "f.f"),
      ([-5, 5, 5], [5, 6, 7], ".tt"), ([9, -5, 6], [9, 5, 6], "f.b"),
      ([5, 5, -5, 6], [5, 6, 7, 8], "ft.t"), ([5, -1, 6], [5, 1, 6], "f.f"),
    ] as [([Int64], [Int64], String)])
  func `a rejected message keeps its place and is no step for the next`(
    times: [Int64], stored: [Int64], steps: String
  ) {
    var order = MessageOrder()
    var found: (times: [Int64], steps: String) = ([], "")
    for time in times {
      let own = Timestamp(microseconds: abs(time))
      if time < 0 {
        found.times.append(order.reserve(own).microseconds)
        found.steps += "."
      } else {
        let placed = order.place(own)
        found.times.append(placed.time.microseconds)
        found.steps += placed.step == .forward ? "f" : placed.step == .tie ? "t" : "b"
      }
    }
    #expect(found.times == stored)
    #expect(found.steps == steps)
  }

  @Test func `a session's times widen to the least and the greatest`() {
    var state = SessionState(
      family: Array("f".utf8), key: Array("k".utf8), ownTime: nil, scheme: .v8)
    #expect(state.created == nil)
    for time in [5, 3, 9, 4] as [Int64] { state.widen(Timestamp(microseconds: time)) }
    #expect(state.created == Timestamp(microseconds: 3))
    #expect(state.updated == Timestamp(microseconds: 9))
  }

  @Test func `a session's id is of its kind, family and key, at its own time`() {
    let state = SessionState(
      family: Array("chat-history".utf8), key: Array("abc".utf8),
      ownTime: Timestamp(microseconds: 1_759_659_153_000_999), scheme: .v8)
    #expect(state.id.text == "0199b3db-d668-8cac-a46e-9408c61907aa")
    #expect(text(state.identity.keyPrefix) == "chat-history\u{1F}abc\u{1F}")
    #expect(text(state.continuationId) == "abc")
  }

  @Test(
    arguments: [[5, 6, 7], [5, 5, 5, 5], [9, 5, 5, 9, 5], [33, 33, 32, 33, 33]] as [[Int64]])
  func `a message that is taken back leaves no trace`(times: [Int64]) {
    for tried: Int64 in [4, 5, 6, 33, 40] {
      var plain = MessageOrder()
      var trying = MessageOrder()
      for time in times {
        let moment = trying.mark()
        _ = trying.place(Timestamp(microseconds: tried))
        trying.restore(moment)
        let expected = plain.place(Timestamp(microseconds: time))
        let placed = trying.place(Timestamp(microseconds: time))
        #expect(placed.time == expected.time)
        #expect(placed.step == expected.step)
      }
    }
  }
}
