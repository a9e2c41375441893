internal import Foundation
internal import TestSupport
internal import Testing

/// What `convoy doctor --json` prints, and the status it ends with.
struct DoctorAnswer {
  struct Check: Decodable {
    var name: String
    var state: String
    var found: String
    var advice: String?
  }

  fileprivate struct Printed: Decodable {
    var target: String
    var checks: [Check]
  }

  let status: Int32
  let target: String
  let checks: [Check]

  func state(_ name: String) -> String? { checks.first { $0.name == name }?.state }

  func check(_ name: String) throws -> Check {
    try #require(checks.first { $0.name == name }, "no check \(name)")
  }
}

extension RunScene {
  /// Asks the doctor about a target, this scene's unless another one is named, and what a pipeline reads or exports.
  func doctor(
    _ pipeline: String? = nil, target: String? = nil, through wrapper: [String] = []
  ) async throws -> DoctorAnswer {
    let ended = try await convoy(
      ["doctor"] + (pipeline.map { [$0] } ?? [])
        + ["--json", "--target", target ?? database.url], through: wrapper)
    let printed = try JSONDecoder().decode(
      DoctorAnswer.Printed.self, from: Data(ended.output.utf8))
    return DoctorAnswer(status: ended.status, target: printed.target, checks: printed.checks)
  }
}
