internal import Foundation

/// Steele, Lea and Flood's SplitMix64: the standard library promises no sequence for a seed, this does.
struct SplitMix64 {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A value in `0..<bound`; the bias of the multiply is below 2⁻⁴⁰ for the bounds used here.
  mutating func below(_ bound: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  mutating func within(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + below(range.count)
  }

  mutating func percent(_ chance: Int) -> Bool {
    below(100) < chance
  }

  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[below(elements.count)]
  }

  /// A log-normal value with the given median; its mean is `median × exp(sigma² / 2)`.
  mutating func logNormal(median: Double, sigma: Double) -> Double {
    // The sum of twelve uniform values less six is normal enough and needs no second function.
    var normal = -6.0
    for _ in 0..<12 { normal += Double(next() >> 11) * 0x1p-53 }
    return median * exp(sigma * normal)
  }
}
