internal import CMalloc

/// Memory that was freed and that the allocator keeps, for each thread by itself.
enum FreedMemory {
  /// Gives it back to the system, which takes some milliseconds, and as many more until it is there again.
  static func giveBack() {
    #if canImport(Glibc)
      _ = malloc_trim(0)
    #endif
  }
}
