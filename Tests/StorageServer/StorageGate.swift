internal import Foundation
internal import Synchronization

/// Where a request waits until a test lets it go on: so that something can happen in just that moment.
public final class StorageGate: Sendable {
  private let isReachedFlag = Atomic(false)
  private let isOpenFlag = Atomic(false)

  /// Makes a gate that is shut.
  public init() {}

  /// Whether a request waits at it, or has.
  public var isReached: Bool { isReachedFlag.load(ordering: .acquiring) }

  /// Lets requests through, those that wait and those to come.
  public func open() { isOpenFlag.store(true, ordering: .releasing) }

  /// Holds the calling thread until the gate is open.
  func pass() {
    isReachedFlag.store(true, ordering: .releasing)
    while !isOpenFlag.load(ordering: .acquiring) { Thread.sleep(forTimeInterval: 0.002) }
  }
}
