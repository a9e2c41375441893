internal import Archive
internal import FoundationEssentials

/// How results are written.
public enum HashFormat: Sendable {
  /// As sha256sum writes digests.
  case sums
  /// As `sha256sum --check` writes verdicts.
  case verdicts
  /// One JSON object a line.
  case json

  /// Appends what is written to standard output of one result, which may be nothing.
  public func append(_ result: HashResult, to out: inout [UInt8]) {
    switch self {
    case .sums:
      guard case .hashed(let content) = result.outcome else { return }
      ChecksumLine.append(result.path, content, to: &out)
    case .verdicts: Self.appendVerdict(result, to: &out)
    case .json:
      out += HashLine(result).json
      out.append(UInt8(ascii: "\n"))
    }
  }

  private static func appendVerdict(_ result: HashResult, to out: inout [UInt8]) {
    guard let verdict = result.verdict else { return }
    ChecksumLine.appendName(result.path, to: &out)
    switch verdict {
    case .match: out += ": OK".utf8
    case .mismatch(let damaged):
      out += ": FAILED".utf8
      let ranges = damaged.map { "\($0.lowerBound)-\($0.upperBound - 1)" }
      if !ranges.isEmpty { out += " (bytes \(ranges.joined(separator: ", ")))".utf8 }
    case .missing, .unread: out += ": FAILED open or read".utf8
    }
    out.append(UInt8(ascii: "\n"))
  }
}

/// A result as an object, `convoy.hash/1`.
private struct HashLine {
  private var writer = JSONWriter()

  var json: [UInt8] { writer.bytes }

  init(_ result: HashResult) {
    writer.object(inline: true) { writer in
      writer.member("schema", "convoy.hash/1")
      if let path = result.path.validText {
        writer.member("path", path)
      } else {
        // A string of JSON cannot hold the name's bytes.
        writer.member("pathBase64", Data(result.path.bytes).base64EncodedString())
      }
      writer.member("outcome", Self.name(of: result))
      switch result.outcome {
      case .hashed(let content): Self.write(content, to: &writer)
      case .unreadable(let error): writer.member("reason", error.description)
      case .skipped(let reason): writer.member("reason", reason.rawValue)
      case .malformedLine(let line): writer.member("line", line)
      case .changed: break
      }
      if let expected = result.expected { writer.member("expected", expected.digest.hexadecimal) }
      if case .mismatch(let damaged) = result.verdict { Self.write(damaged, to: &writer) }
    }
  }

  private static func name(of result: HashResult) -> String {
    switch result.verdict {
    case .match: return "match"
    case .mismatch: return "mismatch"
    case .missing: return "missing"
    case .unread, nil: break
    }
    switch result.outcome {
    case .hashed: return "hashed"
    case .changed: return "changed"
    case .unreadable(let error): return error.isMissing ? "missing" : "unreadable"
    case .skipped: return "skipped"
    case .malformedLine: return "malformed-line"
    }
  }

  private static func write(_ content: HashedContent, to writer: inout JSONWriter) {
    writer.member("sha256", content.digest.hexadecimal)
    writer.member("bytes", content.byteCount)
    writer.member("isCached", content.isCached)
    guard !content.chunks.isEmpty else { return }
    writer.member("chunkBytes", ChunkHash.chunkBytes)
    writer.next("chunks")
    writer.array(inline: true) { writer in
      for chunk in content.chunks {
        writer.next()
        writer.quoted(chunk.hexadecimal)
      }
    }
  }

  private static func write(_ damaged: [Range<Int>], to writer: inout JSONWriter) {
    writer.next("damaged")
    writer.array(inline: true) { writer in
      for range in damaged {
        writer.next()
        writer.object(inline: true) { writer in
          writer.member("byteOffset", range.lowerBound)
          writer.member("byteLength", range.count)
        }
      }
    }
  }
}
