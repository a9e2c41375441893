/// How many of a bucket's objects are read, and which.
public struct ReadShare: Sendable {
  /// Of 2³² objects, so many.
  private let limit: UInt64
  private let day: Int

  /// Chooses other ones each day, so that each comes up in time.
  ///
  /// - Parameters:
  ///   - percent: from 0 to 100.
  ///   - day: days since 1970, or another number that changes.
  public init(percent: Double, day: Int) {
    limit = UInt64(max(0, min(100, percent)) / 100 * 4_294_967_296)
    self.day = day
  }

  /// Reads none.
  public static let none = ReadShare(percent: 0, day: 0)

  /// Reads `5%`, `0.5%` or `100%`; nil for anything else.
  public static func percent(_ text: String) -> Double? {
    guard text.hasSuffix("%"), let percent = Double(text.dropLast()), percent > 0, percent <= 100
    else { return nil }
    return percent
  }

  /// Whether an object is read.
  func includes(_ path: String) -> Bool {
    // FNV-1a, and a mixing step behind it: paths that differ in one digit are to be chosen independently.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in "\(day)\u{1F}\(path)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    hash ^= hash >> 32
    hash = hash &* 0xD6E8_FEB8_6659_FD93
    return hash >> 32 < limit
  }
}
