/// Which arrays of a long document are left without their elements, to be parsed a slice at a time.
struct Slicing {
  /// The keys such an array may stand under, in the document or one level below.
  var names: [StaticString]
  /// Elements of a slice at most.
  var elementLimit: Int
  /// Bytes of a slice, or of its last element where that is longer; documents up to this are parsed whole.
  var byteLimit = 256 << 10
}

/// An array whose elements are not on its document's tape.
struct SlicedArray {
  /// Some elements of the array that follow each other.
  struct Slice {
    /// Where they are in the source, with the commas between them.
    var range: Range<Int>
    /// Position of the first one in the array.
    var first: Int
    var count: Int
  }

  var array: JSONValue
  /// All its elements.
  private(set) var count = 0
  private(set) var slices: [Slice] = []
  /// Where the slice under way begins.
  private var start: Int
  private var first = 0

  init(_ array: JSONValue, elementsAt start: Int) {
    self.array = array
    self.start = start
  }

  /// Notes that an element ends at an offset; after the last one, all that is left is a slice.
  mutating func pass(to end: Int, _ limits: Slicing, isLast: Bool) {
    count += 1
    guard isLast || count - first >= limits.elementLimit || end - start >= limits.byteLimit else {
      return
    }
    slices.append(Slice(range: start..<end, first: first, count: count - first))
    start = end + 1
    first = count
  }

  /// Makes one slice of all those from an element's to a later one's.
  mutating func join(_ pairs: [(first: Int, last: Int)]) {
    guard !pairs.isEmpty else { return }
    // Of each slice, the last one that has to be in one with it.
    var ends = Array(slices.indices)
    for pair in pairs {
      let slice = index(of: pair.first)
      ends[slice] = max(ends[slice], index(of: pair.last))
    }
    var joined: [Slice] = []
    var end = -1
    for (index, slice) in slices.enumerated() {
      if index <= end {
        joined[joined.count - 1].range =
          joined[joined.count - 1].range.lowerBound..<slice.range.upperBound
        joined[joined.count - 1].count += slice.count
      } else {
        joined.append(slice)
      }
      end = max(end, ends[index])
    }
    slices = joined
  }

  /// The slice an element is in.
  private func index(of element: Int) -> Int {
    var (low, high) = (0, slices.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if slices[middle].first <= element { low = middle } else { high = middle - 1 }
    }
    return low
  }
}
