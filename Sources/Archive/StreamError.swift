/// Reading an input failed: the file itself, or the gzip data in it.
public enum StreamError: Error, Sendable, Hashable {
  /// Opening or reading failed.
  case file(FileError)
  /// The compressed data of the input at `path` is damaged.
  case gzip(path: String, GzipError)
}

extension StreamError: CustomStringConvertible {
  /// The path and what is wrong.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .gzip(let path, let error): "\(path == "-" ? "standard input" : path): \(error)"
    }
  }
}
