/// `tokens.outlier`: more tokens than a message is likely to have.
enum TokensOutlier {
  static func isBroken(
    by value: JSONValue, _ limits: ValidateSpec, of tape: borrowing JSONTape
  ) -> Bool {
    // Most counts are too short to be worth reading.
    guard tape.range(value).count > 4 || limits.outlierTokens < 10_000,
      let count = tape.decimal(value)?.nearestInteger
    else { return false }
    return count > Int64(limits.outlierTokens)
  }
}
