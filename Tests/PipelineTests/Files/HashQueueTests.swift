internal import Archive
internal import Synchronization
internal import Testing

@testable internal import Pipeline

@Suite struct HashQueueTests {
  /// Paths that are the numbers from 0 on.
  private struct Numbers: HashSource {
    let count: Int
    var number = 0

    mutating func next() -> HashTask? {
      guard number < count else { return nil }
      defer { number += 1 }
      return HashTask(path: RawPath("\(number)"), action: .readFound, expected: nil)
    }
  }

  private final class Delivered: Sendable {
    private let paths = Mutex<[String]>([])
    func add(_ results: [HashResult]) { paths.withLock { $0 += results.map(\.path.text) } }
    var all: [String] { paths.withLock { $0 } }
  }

  private static func results(_ tasks: some Sequence<HashTask>) -> [HashResult] {
    tasks.map { HashResult(path: $0.path, outcome: .changed, expected: nil) }
  }

  @Test(arguments: [0, 1, 256, 257, 40_000])
  func `results come in the order of the tasks, whoever is through first`(count: Int) async throws {
    let delivered = Delivered()
    let queue = HashQueue(Numbers(count: count)) { results throws(RunError) in
      delivered.add(results)
    }
    try await withThrowingTaskGroup { group in
      for number in 0..<4 {
        group.addTask(executorPreference: WorkerThread(number: number)) {
          while let batch = try queue.next() {
            // Some leave the rest of their batch to others, as at a long file.
            guard batch.tasks.count > 3, batch.first % 3 == number % 3 else {
              try queue.end(batch.first, Self.results(batch.tasks))
              continue
            }
            let kept = batch.tasks.prefix(2)
            queue.giveBack(
              HashBatch(first: batch.first + 2, tasks: batch.tasks.dropFirst(2)))
            try queue.end(batch.first, Self.results(kept))
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(delivered.all == (0..<count).map(String.init))
  }

  @Test func `what was given back is dealt out before what is new`() throws {
    let queue = HashQueue(Numbers(count: 1_000)) { _ throws(RunError) in }
    let first = try #require(try queue.next())
    let second = try #require(try queue.next())
    #expect(first.first == 0 && second.first == 256)
    queue.giveBack(HashBatch(first: 300, tasks: second.tasks.dropFirst(44)))
    queue.giveBack(HashBatch(first: 1, tasks: first.tasks.dropFirst(1)))
    #expect(try queue.next()?.first == 1)
    #expect(try queue.next()?.first == 300)
    #expect(try queue.next()?.first == 512)
  }

  @Test func `a failure to hand on ends the dealing out, and the failure is told`() throws {
    let queue = HashQueue(Numbers(count: 1_000)) { _ throws(RunError) in
      throw RunError(.fileAccess, "full")
    }
    let batch = try #require(try queue.next())
    #expect(throws: RunError.self) { try queue.end(batch.first, Self.results(batch.tasks)) }
    #expect(try queue.next() == nil)
  }
}
