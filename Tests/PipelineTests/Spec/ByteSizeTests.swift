import Testing

@testable import Pipeline

@Suite struct ByteSizeTests {
  @Test(arguments: [
    ("65536", 65_536, "64KiB"), ("64KiB", 65_536, "64KiB"), ("4MiB", 4_194_304, "4MiB"),
    ("1GiB", 1_073_741_824, "1GiB"), ("1_000", 1000, "1000"), ("0", 0, "0"),
    ("1536KiB", 1_572_864, "1536KiB"), ("-1KiB", -1024, "-1KiB"),
  ])
  func `a size is bytes or a number with a binary unit`(text: String, bytes: Int, shown: String) {
    #expect(ByteSize.bytes(text) == bytes)
    #expect(ByteSize.text(bytes) == shown)
  }

  @Test(arguments: [
    "", "KiB", "4MB", "4M", "4 MiB", "4mib", "1.5MiB", "0x10", "+4", "_1", "-", "９",
    "9223372036854775808", "9223372036854775807KiB",
  ])
  func `anything else is not a size`(text: String) {
    #expect(ByteSize.bytes(text) == nil)
  }
}
