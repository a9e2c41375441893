internal import Foundation

extension URL {
  /// Makes empty directories in this one.
  ///
  /// What an earlier comparison left in them would stand beside this one's as if it belonged to it.
  func makeEmptied(_ names: [String]) throws {
    for name in names {
      let made = appending(path: name)
      if FileManager.default.fileExists(atPath: made.path) {
        try FileManager.default.removeItem(at: made)
      }
      try FileManager.default.createDirectory(at: made, withIntermediateDirectories: true)
    }
  }
}
