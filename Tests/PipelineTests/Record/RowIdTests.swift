import Testing

@testable import Pipeline

/// Expected ids were computed with Python's hashlib and uuid from the documented layout.
struct RowIdTests {
  @Test(arguments: [
    (0, "", "00000000-0000-83b0-8442-98fc1c149afb"),
    (1, "session\u{1F}chat-history\u{1F}abc", "00000000-0001-8cac-a46e-9408c61907aa"),
    (
      1_759_659_153_000, "session\u{1F}chat-history\u{1F}abc",
      "0199b3db-d668-8cac-a46e-9408c61907aa"
    ),
    (
      253_402_300_799_999, "message\u{1F}threads\u{1F}5b1d\u{1F}0\u{1F}0\u{1F}user\u{1F}héllo",
      "e677d21f-dbff-83b7-abeb-508f0d463bb4"
    ),
    (-1, "", "00000000-0000-83b0-8442-98fc1c149afb"),
  ])
  func `version 8 is the time and then the key's digest`(
    milliseconds: Int64, key: String, expected: String
  ) {
    let id = RowId.make(scheme: .v8, milliseconds: milliseconds, key: Array(key.utf8))
    #expect(id.text == expected)
  }

  @Test(arguments: [
    ("", "bc7d63e0-191b-5cf7-850d-05b44b9cba3c"),
    ("session\u{1F}chat-history\u{1F}abc", "e312512a-0935-5797-8a92-c432ea54ba66"),
    (
      "message\u{1F}threads\u{1F}5b1d\u{1F}0\u{1F}0\u{1F}user\u{1F}héllo",
      "cf5f88ad-3f9f-553a-975f-9fac8a097ee9"
    ),
  ])
  func `version 5 is the namespace's id of the key, whatever the time`(
    key: String, expected: String
  ) {
    for milliseconds in [0, 1_759_659_153_000] as [Int64] {
      let id = RowId.make(scheme: .v5, milliseconds: milliseconds, key: Array(key.utf8))
      #expect(id.text == expected)
    }
  }

  @Test(arguments: IdScheme.allCases)
  func `text behind the key gives the same id as text inside it`(scheme: IdScheme) {
    let whole = RowId.make(scheme: scheme, milliseconds: 7, key: Array("key:text".utf8))
    let split = RowId.make(
      scheme: scheme, milliseconds: 7, key: Array("key:".utf8), text: Array("..text..".utf8), 2..<6)
    #expect(whole == split)
  }

  @Test func `bytes and text are the same sixteen bytes in order`() {
    let id = RowId(high: 0x0102_0304_0506_8708, low: 0x890A_0B0C_0D0E_0F10)
    #expect(id.bytes == [1, 2, 3, 4, 5, 6, 0x87, 8, 0x89, 10, 11, 12, 13, 14, 15, 16])
    #expect(id.text == "01020304-0506-8708-890a-0b0c0d0e0f10")
  }

  private static func read(_ text: [UInt8]) -> RowId? { RowId(uuid: text.span) }

  @Test func `a UUID is read in either case, and nothing else is`() {
    let text = Array("0199b3db-d668-8cac-a46e-9408c61907aF".utf8)
    let id = Self.read(text)
    #expect(id == RowId(high: 0x0199_B3DB_D668_8CAC, low: 0xA46E_9408_C619_07AF))
    #expect(Self.read(Array(text.dropLast())) == nil)
    #expect(Self.read(text + [0x30]) == nil)
    for place in text.indices {
      for byte in UInt8.min...UInt8.max {
        var changed = text
        changed[place] = byte
        let isHyphen = [8, 13, 18, 23].contains(place)
        let isDigit =
          Character(Unicode.Scalar(byte)).isASCII && Character(Unicode.Scalar(byte)).isHexDigit
        let isRead = Self.read(changed) != nil
        #expect(isRead == (isHyphen ? byte == 0x2D : isDigit), "\(byte) at \(place)")
      }
    }
  }
}
