/// The parts of report.json that say what the data is, what is wrong with it and what it would take.
extension RunReport {
  func write(verdict writer: inout JSONWriter) {
    writer.next("verdict")
    writer.object { writer in
      writer.member("answer", answer.rawValue)
      writer.member("text", verdict)
      writer.next("losses")
      writer.array { writer in
        for loss in losses {
          writer.next()
          writer.object(inline: true) { writer in
            writer.member("count", loss.count)
            writer.member("what", loss.what)
            writer.member("severity", loss.severity.rawValue)
          }
        }
      }
    }
  }

  func write(clusters writer: inout JSONWriter) {
    writer.next("rejectClusters")
    writer.object { writer in
      writer.member("total", clusters.total)
      writer.member("limit", RejectClusters.limit)
      writer.member("others", clusters.others)
      writer.next("clusters")
      writer.array { writer in
        for cluster in clusters.ranked { write(cluster, &writer) }
      }
    }
  }

  private func write(_ cluster: RejectCluster, _ writer: inout JSONWriter) {
    writer.next()
    writer.object { writer in
      writer.member("rule", cluster.shape.rule.rawValue)
      writer.member("kind", cluster.shape.kind.rawValue)
      writer.member("field", cluster.shape.field)
      writer.member("sqlstate", cluster.shape.sqlState)
      writer.member("constraint", cluster.shape.constraint)
      writer.member("column", cluster.shape.column)
      writer.member("value", cluster.shape.value?.kind.rawValue)
      writer.member("pattern", cluster.shape.value?.pattern)
      writer.member("total", cluster.total)
      writer.member("dependentMessages", cluster.dependentMessages)
      writer.next("example")
      writer.object(inline: true) { writer in
        writer.member("input", cluster.example.input)
        writer.member("line", cluster.example.place.line)
        writer.member("byteOffset", cluster.example.place.byteOffset)
        writer.member("message", cluster.example.message)
      }
      writer.next("change")
      guard let change = cluster.change else {
        writer.put("null")
        return
      }
      writer.object(inline: true) { writer in
        writer.member("key", change.key)
        writer.member("value", change.value)
        writer.member("when", change.when)
      }
    }
  }

  func write(contents writer: inout JSONWriter) {
    writer.next("contents")
    writer.object { writer in
      writer.next("rows")
      writer.object(inline: true) { writer in
        writer.member("sessions", facts.sessionRows)
        writer.member("messages", facts.messageRows)
      }
      writer.next("rowBytes")
      writer.object(inline: true) { writer in
        writer.member("sessions", facts.sessionBytes)
        writer.member("messages", facts.messageBytes)
      }
      writer.next("roles")
      writer.object(inline: true) { writer in
        for (role, count) in facts.roles { writer.member(role.rawValue, count) }
      }
      writer.member("sourceRoles", facts.sourceRoles)
      writer.member("models", facts.models)
      writer.member("providers", facts.providers)
      writer.member("tools", facts.tools)
      write(timeline: &writer)
    }
  }

  private func write(timeline writer: inout JSONWriter) {
    let (unit, entries) = facts.timeline.entries
    writer.next("timeline")
    writer.object { writer in
      writer.member("unit", unit.rawValue)
      writer.member("undated", facts.timeline.undated)
      writer.next("entries")
      writer.array { writer in
        for (start, count) in entries {
          writer.next()
          writer.object(inline: true) { writer in
            writer.member("start", start.text(.day))
            writer.member("messages", count)
          }
        }
      }
    }
  }

  func write(mapping writer: inout JSONWriter) {
    writer.next("mapping")
    writer.object { writer in
      writer.next("fields")
      writer.array { writer in
        for field in mapping {
          writer.next()
          writer.object(inline: true) { writer in
            writer.member("source", field.source)
            writer.member("column", field.column)
          }
        }
      }
      writer.member("unknownSessionFields", facts.unknownSessionFields)
      writer.member("unknownMessageFields", facts.unknownMessageFields)
    }
  }

  func write(files writer: inout JSONWriter) {
    writer.next("files")
    guard let files else {
      writer.put("null")
      return
    }
    writer.object { writer in
      writer.member("store", files.store)
      writer.member("limitBytes", files.limitBytes)
      for (name, count, bytes) in files.rows {
        writer.next(name)
        writer.object(inline: true) { writer in
          writer.member("count", count)
          if let bytes { writer.member("bytes", bytes) }
        }
      }
      writer.member("uploadSeconds", files.uploadSeconds)
      writer.next("estimate")
      guard let estimate = files.estimate else {
        writer.put("null")
        return
      }
      writer.object(inline: true) { writer in
        writer.member("seconds", estimate.seconds)
        writer.member("basis", estimate.earlierRuns > 0 ? "earlier-runs" : "dry-run")
        writer.member("runs", estimate.earlierRuns)
      }
    }
  }

  func write(estimate writer: inout JSONWriter) {
    writer.next("estimate")
    guard let estimate else {
      writer.put("null")
      return
    }
    writer.object(inline: true) { writer in
      writer.member("rows", estimate.rows)
      writer.member("seconds", estimate.seconds)
      writer.member("rowsPerSecond", estimate.rowsPerSecond)
      switch estimate.basis {
      case .earlierLoads(let count):
        writer.member("basis", "earlier-loads")
        writer.member("runs", count)
      case .dryRun:
        writer.member("basis", "dry-run")
        writer.member("runs", 0)
      }
    }
  }

  func write(previous writer: inout JSONWriter) {
    writer.next("previous")
    guard let previous else {
      writer.put("null")
      return
    }
    writer.object { writer in
      writer.member("mode", previous.mode)
      writer.member("outcome", previous.outcome)
      writer.member("target", previous.target)
      writer.member("startedAt", previous.startedAt)
      writer.member("rejectLines", previous.rejectLines)
      writer.next("differences")
      writer.array { writer in
        for difference in differences {
          writer.next()
          writer.object(inline: true) { writer in
            writer.member("name", difference.name)
            writer.member("before", difference.before)
            writer.member("after", difference.after)
          }
        }
      }
    }
  }
}

extension JSONWriter {
  fileprivate mutating func member(_ name: String, _ counts: NameCounts) {
    next(name)
    object { writer in
      writer.member("limit", NameCounts.limit)
      writer.member("exact", counts.isExact)
      writer.member("absent", counts.absent)
      writer.member("others", counts.others)
      writer.next("names")
      writer.array { writer in
        for (name, count) in counts.ranked {
          writer.next()
          writer.object(inline: true) { writer in
            writer.member("name", name)
            writer.member("total", count)
          }
        }
      }
    }
  }
}

extension RunFacts {
  /// Rows by stored role.
  var roles: [(role: StoredRole, count: Int)] {
    [(.user, users), (.assistant, assistants), (.system, systems)]
  }
}

extension CivilDate {
  /// `2025-06-11`, `2025-06` or `2025`.
  func text(_ unit: Timeline.Unit) -> String {
    let digits = String(year)
    let zeros = year < 0 ? "" : String(repeating: "0", count: max(0, 4 - digits.count))
    let padded = zeros + digits
    func two(_ value: Int) -> String { value < 10 ? "-0\(value)" : "-\(value)" }
    switch unit {
    case .year: return padded
    case .month: return padded + two(month)
    case .day: return padded + two(month) + two(day)
    }
  }
}
