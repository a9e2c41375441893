#if canImport(Glibc)
  internal import Glibc
#endif

/// Lends a NULL-terminated array of C strings for the length of `body`.
func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
) -> Result {
  unsafe withOptionalCStrings(strings.map { $0 }, body)
}

/// Lends a NULL-terminated array of C strings in which nil stays NULL.
func withOptionalCStrings<Result>(
  _ strings: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
) -> Result {
  let copies = unsafe strings.map { string in
    unsafe string.flatMap { unsafe UnsafePointer(strdup($0)) }
  }
  defer { unsafe copies.forEach { unsafe free(UnsafeMutableRawPointer(mutating: $0)) } }
  let terminated = unsafe copies + [nil]
  return unsafe terminated.withUnsafeBufferPointer { buffer in
    // The buffer holds at least the terminator, so it has an address.
    guard let start = buffer.baseAddress else { preconditionFailure("empty buffer") }
    return unsafe body(start)
  }
}
