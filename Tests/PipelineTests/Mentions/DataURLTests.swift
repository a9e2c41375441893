internal import Testing

@testable internal import Pipeline

@Suite struct DataURLTests {
  private static func decoded(_ text: String, limit: Int = 100) -> String {
    do throws(DataURL.Refusal) {
      let url = try DataURL(Array(text.utf8), limitBytes: limit)
      return "\(url.mediaType) \(url.bytes)"
    } catch {
      return "\(error)"
    }
  }

  @Test(arguments: [
    ("data:image/png;base64,iVBORw==", "image/png [137, 80, 78, 71]"),
    ("data:image/png;base64,iVBORw", "image/png [137, 80, 78, 71]"),
    ("data:image/PNG;name=a.png;BASE64,iVBORw%3D%3D", "image/png [137, 80, 78, 71]"),
    ("data:;base64,_-8=", "text/plain [255, 239]"), ("data:;base64,/+8=", "text/plain [255, 239]"),
    ("data:,a%20b", "text/plain [97, 32, 98]"), ("data:,", "text/plain []"),
    ("data:text/html;charset=utf-8,<b>", "text/html [60, 98, 62]"),
    ("data:a/b\r\nX-Other: 1;base64,AA==", "text/plain [0]"),
    ("data:;base64,iV BO\nRw==", "text/plain [137, 80, 78, 71]"),
    ("data:;base64,", "text/plain []"),
    ("data:;base64,A", "malformed"), ("data:;base64,AA=A", "malformed"),
    ("data:;base64,AA=", "malformed"), ("data:;base64,A*==", "malformed"),
    ("data:;base64", "malformed"), ("data", "malformed"),
  ])
  func `data is decoded in either form`(text: String, expected: String) {
    #expect(Self.decoded(text) == expected)
  }

  @Test func `no more is decoded than is allowed`() {
    #expect(Self.decoded("data:,abc", limit: 3) == "text/plain [97, 98, 99]")
    #expect(Self.decoded("data:,abcd", limit: 3) == "tooLarge(byteCount: 4)")
    #expect(Self.decoded("data:;base64,YWJj", limit: 3) == "text/plain [97, 98, 99]")
    #expect(Self.decoded("data:;base64,YWJjZA==", limit: 3) == "tooLarge(byteCount: 4)")
    let long = String(repeating: "AAAA", count: 1_000)
    #expect(Self.decoded("data:;base64,\(long)", limit: 3) == "tooLarge(byteCount: 3000)")
  }
}
