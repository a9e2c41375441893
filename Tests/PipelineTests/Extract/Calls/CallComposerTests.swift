import Testing

@testable import Pipeline

struct CallComposerTests {
  @Test(
    arguments: [
      ("0.061", "0.061e3"), ("3", "3e3"), ("-1.5", "-1.5e3"), ("5e-05", "5e-2"), ("2E+3", "2e6"),
      ("1e-3", "1e0"), ("1e99999", "1e99999"),
    ])
  func `seconds become milliseconds by their exponent`(seconds: String, milliseconds: String) {
    let product = CallComposer.thousandfold(Array(seconds.utf8)[...])
    #expect(String(decoding: product, as: UTF8.self) == milliseconds)
  }

  @Test func `records of an input are read again in any order, as they are stored or inflated`()
    throws
  {
    try ScratchFiles.with { files in
      let lines = ["{\"a\":1}", "{\"b\":\"\u{E9}\"}", "{\"c\":3}"]
      let text = "\u{FEFF}" + lines.joined(separator: "\n")
      try files.write("plain.json", text)
      try files.write("wide.json", text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })
      let inputs = try InputFinder.find([files.path], format: .one(.toolCalls)).inputs
      for input in inputs {
        var places: [Place] = []
        let remarks = try RecordScan.each([input]) { _, _, place in places.append(place) }
        #expect(remarks.isEmpty)
        #expect(places.map(\.line) == [1, 2, 3])
        var fetcher = RecordFetcher()
        for number in [2, 0, 1, 1, 2] {
          let bytes = try fetcher.bytes(at: places[number], of: input)
          #expect(String(decoding: bytes, as: UTF8.self) == lines[number])
        }
      }
    }
  }
}
