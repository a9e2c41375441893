internal import Foundation

/// A body of `multipart/form-data` (RFC 7578).
struct MultipartForm {
  struct File {
    let bytes: Data
    let mediaType: String
  }

  private(set) var fields: [String: String] = [:]
  private(set) var file: File?

  init(_ body: Data, contentType: String) {
    guard let mark = contentType.range(of: "boundary=") else { return }
    let boundary = contentType[mark.upperBound...].trimmingCharacters(in: ["\""])
    // Every boundary but the first is behind a line's end.
    let delimiter = Data("\r\n--\(boundary)".utf8)
    var rest = Data("\r\n".utf8) + body
    while let start = rest.range(of: delimiter) {
      rest = Data(rest[start.upperBound...])
      guard let end = rest.range(of: delimiter) else { return }
      add(Data(rest[..<end.lowerBound]))
      rest = Data(rest[end.lowerBound...])
    }
  }

  private mutating func add(_ part: Data) {
    guard let end = part.range(of: Data("\r\n\r\n".utf8)) else { return }
    let head = String(decoding: part[..<end.lowerBound], as: UTF8.self)
    let bytes = Data(part[end.upperBound...])
    var mediaType = "text/plain"
    var disposition = ""
    for line in head.components(separatedBy: "\r\n") {
      let lower = line.lowercased()
      if lower.hasPrefix("content-type:") {
        mediaType = line.dropFirst(13).trimmingCharacters(in: .whitespaces)
      }
      if lower.hasPrefix("content-disposition:") { disposition = line }
    }
    if disposition.contains("filename=") || disposition.contains("filename*=") {
      file = File(bytes: bytes, mediaType: mediaType)
    } else if let name = disposition.range(of: "name=\"") {
      let value = disposition[name.upperBound...].prefix { $0 != "\"" }
      fields[String(value)] = String(decoding: bytes, as: UTF8.self)
    }
  }
}
