internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct HashCheckTests {
  private static let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

  @Test func `files that differ, are missing or cannot be read are named`() async throws {
    try await HashScene.with { scene in
      for name in ["a", "b", "c/d"] { try scene.directory.write(name, "abc") }
      let list = ["a", "b", "gone", "c/d"].map { "\(Self.abc)  \($0)\n" }.joined()
      try scene.directory.write("list", list)
      try scene.directory.write("b", "abd")
      let ended = try await scene.hash("--check", "list")
      #expect(ended.status == 65)
      #expect(ended.output == "a: OK\nb: FAILED\ngone: FAILED open or read\nc/d: OK\n")
      #expect(
        ended.errors == """
          convoy hash: gone: cannot open: No such file or directory
          convoy hash: not what the list says: 1 file
          convoy hash: missing: 1 file

          """)
      let piped = try await scene.hash("--check", "-", input: list)
      #expect(piped.status == 65)
      #expect(piped.output == ended.output)
      // As sha256sum says it, line by line.
      let same = try await scene.bash("sha256sum --check list 2> /dev/null | cmp - <(cat)")
      #expect(same.status != 0)
      let expected = try await scene.bash("sha256sum --check list || true")
      #expect(expected.output == ended.output)
    }
  }

  @Test func `only what is asked for of a list is verified`() async throws {
    try await HashScene.with { scene in
      for name in ["a/1", "a/2", "ab/1", "b"] { try scene.directory.write(name, "abc") }
      let list = ["a/1", "a/2", "ab/1", "b"].map { "\(Self.abc)  \($0)\n" }.joined()
      try scene.directory.write("list", list)
      #expect(try await scene.hash("--check", "list", "a/").output == "a/1: OK\na/2: OK\n")
      #expect(try await scene.hash("--check", "list", "b", "a/2").output == "a/2: OK\nb: OK\n")
      let none = try await scene.hash("--check", "list", "c")
      #expect(none.status == 65)
      #expect(none.errors == "convoy hash: the list names no file to verify\n")
    }
  }

  @Test func `a file that cannot be read leaves the question open`() async throws {
    try await HashScene.with { scene in
      try scene.directory.write("a", "abc")
      try scene.directory.write("list", "\(Self.abc)  a\n\(Self.abc)  /proc/self/mem\n")
      let ended = try await scene.hash("--check", "list")
      #expect(ended.status == 3)
      #expect(ended.output == "a: OK\n/proc/self/mem: FAILED open or read\n")
    }
  }

  @Test func `lines that are none are named, and the others verified`() async throws {
    try await HashScene.with { scene in
      try scene.directory.write("a", "abc")
      let long = String(repeating: "x", count: 200_000)
      try scene.directory.write(
        "list",
        "# a comment\n\nnonsense\n\(Self.abc)  a\r\n\(long)\n#chunk 5 1 \(Self.abc)\n\(Self.abc)  a"
      )
      let ended = try await scene.hash("--check", "list")
      #expect(ended.status == 65)
      #expect(ended.output == "a: OK\na: OK\n")
      #expect(
        ended.errors == """
          convoy hash: list:3: not a checksum line
          convoy hash: list:5: not a checksum line
          convoy hash: list:6: not a checksum line
          convoy hash: not checksum lines: 3 lines

          """)
      #expect(try await scene.hash("--check", "gone").status == 74)
    }
  }

  @Test func `a verification reads the bytes, whatever the cache says`() async throws {
    try await HashScene.with { scene in
      let ended = try await scene.bash(
        """
        printf abc > a; sleep 2.1; convoy hash a > list; convoy hash a | cmp list -
        convoy hash --check list --json
        """)
      #expect(ended.status == 0, "\(ended.errors)")
      #expect(
        ended.output == """
          {"schema": "convoy.hash/1", "path": "a", "outcome": "match", "sha256": "\(Self.abc)", \
          "bytes": 3, "isCached": false, "expected": "\(Self.abc)"}

          """)
    }
  }

  @Test func `of a file with chunks the damaged bytes are named`() async throws {
    try await HashScene.with { scene in
      try scene.makeSparse("file", byteCount: 50_000_000, marks: [0: "begin", 30_000_000: "mark"])
      let made = try await scene.bash("convoy hash --chunks file > list; grep -c '^#chunk' list")
      #expect(made.output == "6\n")
      #expect(try await scene.hash("--check", "list").output == "file: OK\n")
      func damage(_ script: String) async throws -> String {
        let ended = try await scene.bash(
          """
          cp --sparse=always file kept; \(script)
          convoy hash --check list > verdict || test $? = 65
          sha256sum --check --status list && exit 1
          cat verdict; mv kept file
          """)
        #expect(ended.status == 0, "\(ended.errors)")
        return ended.output
      }
      func put(_ places: Int...) -> String {
        places.map { "printf x | dd of=file bs=1 seek=\($0) conv=notrunc status=none" }
          .joined(separator: "; ")
      }
      #expect(try await damage(put(8_388_608)) == "file: FAILED (bytes 8388608-16777215)\n")
      #expect(
        try await damage(put(8_388_607, 8_388_608, 49_999_999))
          == "file: FAILED (bytes 0-16777215, 41943040-49999999)\n")
      #expect(
        try await damage("truncate -s 20000000 file")
          == "file: FAILED (bytes 16777216-49999999)\n")
      #expect(
        try await damage("truncate -s 60000000 file")
          == "file: FAILED (bytes 41943040-59999999)\n")
      #expect(try await damage("truncate -s 0 file") == "file: FAILED (bytes 0-49999999)\n")
      try scene.makeSparse("file", byteCount: 1_000)
      let object = try await scene.hash("--check", "list", "--json")
      #expect(
        object.output.contains(
          #""outcome": "mismatch""#))
      #expect(
        object.output.hasSuffix(
          #""damaged": [{"byteOffset": 0, "byteLength": 50000000}]}"# + "\n"))
    }
  }
}
