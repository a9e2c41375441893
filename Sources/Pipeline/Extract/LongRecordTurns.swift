/// Lets one worker at a time have a record so long that two of them would take more memory than a run is to take.
final class LongRecordTurns: Sendable {
  /// Records shorter than this are had by any number of workers.
  static let bytes = 8 << 20

  private let isTaken = Monitor(false)

  /// Waits for the turn; it lasts as long as what is returned.
  func take() -> Turn {
    isTaken.wait { isTaken in
      guard !isTaken else { return nil }
      isTaken = true
      // What the threads have freed and kept for themselves, as short records come and go.
      FreedMemory.giveBack()
      return Turn(self)
    }
  }

  final class Turn: Sendable {
    private let turns: LongRecordTurns

    fileprivate init(_ turns: LongRecordTurns) { self.turns = turns }

    deinit { turns.isTaken.update { $0 = false } }
  }
}
