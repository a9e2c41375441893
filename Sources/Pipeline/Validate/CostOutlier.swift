/// `cost.outlier`: a message that cost more than is likely.
enum CostOutlier {
  static func isBroken(
    by value: JSONValue, _ limits: ValidateSpec, of tape: borrowing JSONTape
  ) -> Bool {
    guard let cost = tape.decimal(value)?.doubleValue else { return false }
    return cost > Double(limits.outlierCostDollars)
  }
}
