internal import ObjectStore

extension Preflight {
  /// Looks at a store, and makes nothing there.
  ///
  /// - Parameter plan: the store.
  /// - Returns: one check: whether it can be reached and takes files, and how large ones.
  public static func look(at plan: StorePlan) async -> Check {
    do throws(RunError) {
      // Somebody waits for the answer.
      var retry = StoreRetry()
      retry.attemptLimit = 2
      let store = try await plan.open(retry: retry)
      let facts: StoreFacts
      do throws(ObjectStoreError) {
        facts = try await store.inspect()
      } catch { throw RunError(store: error) }
      let limit = facts.sizeLimitBytes.map { ", files of up to \(Quantity.memory($0))" } ?? ""
      let isMissing = facts.isNew ? ", which the first run makes" : ""
      return Check("store", .ok, "\(plan)\(limit)\(isMissing)")
    } catch {
      return Check(
        "store", .refused, "\(plan): \(error.message)",
        advice: error.hint ?? "check section store of the pipeline")
    }
  }

  /// Adds what was found elsewhere.
  public mutating func add(_ check: Check) { checks.append(check) }

  /// Adds several of them.
  public mutating func add(_ more: [Check]) { checks += more }
}
