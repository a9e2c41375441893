/// A change of the pipeline after which records like those of a cluster would load, or be read otherwise.
struct PipelineChange: Sendable, Equatable {
  /// The key, as in the pipeline's file.
  var key: String
  /// A value to begin with; nil where only the person knows.
  var value: String?
  /// When it is the right thing to do.
  var when: String

  /// As an argument of `--set`; nil without a value.
  var setting: String? { value.map { "\(key)=\($0)" } }
}

extension RejectCluster {
  /// Nil where no key of the pipeline helps and the records have to be mended.
  var change: PipelineChange? {
    switch shape.rule {
    case .roleUnknown:
      guard let word = shape.value?.pattern else { return nil }
      return PipelineChange(
        key: "transform.roles", value: "{\(Self.yaml(word)): system}",
        when: "if the role is another word for user, assistant or system")
    case .textRefused:
      return PipelineChange(
        key: "transform.text", value: "replace",
        when: "if the message is worth more than the characters PostgreSQL cannot hold")
    case .timeRange:
      guard let bound = shape.value?.bound, let year = shape.value?.pattern else { return nil }
      let when = "if the times are right all the same"
      switch bound {
      case .earliest:
        return PipelineChange(key: "transform.earliest", value: "\(year)-01-01", when: when)
      case .latest:
        return PipelineChange(
          key: "transform.latest", value: "\(year)-12-31T23:59:59Z", when: when)
      }
    case .rowRefused where shape.column == "user_id":
      return PipelineChange(
        key: "transform.userId", when: "if the target has another owner for them")
    default: return nil
    }
  }

  /// A word as a YAML key, quoted unless it is plain.
  private static func yaml(_ word: String) -> String {
    let isPlain =
      !word.isEmpty && word.utf8.allSatisfy { ($0 | 0x20) &- UInt8(ascii: "a") < 26 }
      && !["null", "true", "false", "yes", "no", "on", "off", "y", "n"].contains(word.lowercased())
    guard !isPlain else { return word }
    var quoted: [UInt8] = [UInt8(ascii: "\"")]
    _ = JSONEscape.append(Array(word.utf8).span, from: 0, to: &quoted)
    return String(decoding: quoted + [UInt8(ascii: "\"")], as: UTF8.self)
  }
}

extension Rule {
  /// The key of the pipeline that decides what becomes of such records; nil where none does.
  var pipelineKey: String? {
    switch self {
    case .roleUnknown, .roleMapped: "transform.roles"
    case .textRefused, .textReplaced, .textMarked: "transform.text"
    case .timeNaive, .timeZoneChange: "transform.timeZone"
    case .timeRange: "transform.earliest"
    case .fieldDropped: "transform.metadata.unmapped"
    default: nil
    }
  }
}
