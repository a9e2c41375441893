internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

/// A run killed at any moment and begun again ends in the rows of one that was left alone.
@Suite(.serialized) struct KillRunTests {
  @Test(arguments: [
    (format: "threads", seed: UInt64(20_251_116)), (format: "chat-history", seed: 20_250_911),
  ])
  func `kill -9 at random moments, each followed by a run, loses and doubles nothing`(
    format: String, seed: UInt64
  ) async throws {
    var random = SeededGenerator(seed)
    try await RunScene.with { undisturbed in
      try RandomInput.make(format, in: undisturbed.directory)
      let started = ContinuousClock.now
      let expected = try await undisturbed.run(format, ["in"], options: RandomInput.smallBatches)
        .expect(3)
      let milliseconds = Int((ContinuousClock.now - started) / .milliseconds(1))
      #expect(expected.total.sessions.inserted > 300)

      try await RunScene.withAnother { scene in
        try RandomInput.make(format, in: scene.directory)
        var killed = 0
        var round = 0
        while killed < 25, round < 200 {
          round += 1
          // By time: anywhere in a run, its start and end included. By progress: some batches on.
          let isByTime = round.isMultiple(of: 2)
          let pause = Int.random(in: 0...milliseconds, using: &random)
          let hold = try BatchHold(after: Int.random(in: 1...4, using: &random), in: scene)
          if isByTime { try hold.release() }
          let run = try await scene.run(
            format, ["in"],
            options: RandomInput.smallBatches + (round % 5 == 4 ? ["--restart"] : [])
          ) { process in
            if isByTime {
              try await Task.sleep(for: .milliseconds(pause))
            } else {
              try await hold.reached(by: process)
            }
            kill(process, SIGKILL)
          }
          if !isByTime { try hold.release() }
          if run.status == 128 + SIGKILL {
            killed += 1
          } else {
            // It came to its end first: what it left is whole, and the next one begins anew.
            try run.expect(3)
            #expect(try scene.checksum() == undisturbed.checksum())
            try scene.execute("DELETE FROM exai_sessions; TRUNCATE convoy.batches")
          }
        }
        #expect(killed == 25)
        let last = try await scene.run(format, ["in"], options: RandomInput.smallBatches).expect(3)
        #expect(last.total.sessions.read == expected.total.sessions.read)
        #expect(last.total.messages.read == expected.total.messages.read)
        #expect(last.found == expected.found)
        #expect(try scene.checksum() == undisturbed.checksum())
        let again = try await scene.run(format, ["in"], options: RandomInput.smallBatches).expect(3)
        #expect(again.total.messages.inserted == 0)
        #expect(again.batches.committed == 0)
        #expect(again.rowsWritten == ["exai_sessions": 0, "exai_messages": 0])
        #expect(
          try scene.value("SELECT count(DISTINCT id) = count(*) FROM exai_messages") == "t")
      }
    }
  }
}
