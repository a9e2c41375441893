internal import Foundation
internal import TestSupport
internal import Testing

/// `convoy hash` beside `sha256sum` on the same bytes.
@Suite struct HashEqualityTests {
  /// Lengths at which padding, blocks, chunks and the ways of reading change, and one of 64 MiB.
  private static let edges = [
    0, 1, 55, 56, 63, 64, 65, 119, 120, 4_095, 4_096, 131_072, 131_073, 262_143, 262_144, 262_145,
    4_194_303, 4_194_304, 4_194_305, 8_388_607, 8_388_608, 8_388_609, 16_777_216, 67_108_864,
  ]

  @Test func `ten thousand random files have the digests of sha256sum`() async throws {
    try await HashScene.with { scene in
      // One large array, of which the files are parts: making more random bytes would take longer than hashing.
      let random = try #require(FileHandle(forReadingAtPath: "/dev/urandom"))
      let bytes = [UInt8](try #require(try random.read(upToCount: 8 << 20)))
      try #require(bytes.count == 8 << 20)
      for number in 0..<10_000 {
        let byteCount =
          number < Self.edges.count
          ? Self.edges[number] : Int.random(in: 0..<(number % 100 == 0 ? 1 << 20 : 4_096))
        let name = "t/\(number % 97)/\(number % 7)/\(number)"
        if byteCount > bytes.count {
          var content = bytes
          while content.count < byteCount { content += bytes }
          try scene.directory.write(name, Array(content.prefix(byteCount)))
        } else {
          let start = Int.random(in: 0...bytes.count - byteCount)
          try scene.directory.write(name, Array(bytes[start..<start + byteCount]))
        }
      }
      let ended = try await scene.bash(
        """
        find t -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum > expected
        test "$(wc -l < expected)" = 10000
        convoy hash --workers 3 t > found
        cmp expected found
        # Twice more, of which the second may know what the first has kept.
        convoy hash t | cmp expected -
        convoy hash t | cmp expected -
        convoy hash --chunks t | grep -v '^#chunk' | cmp expected -
        test "$(convoy hash --check expected | grep -c ': OK$')" = 10000
        """)
      #expect(ended.status == 0, "\(ended.errors)")
    }
  }

  /// Digest by OpenSSL and sha256sum, which take their time for it.
  @Test func `a sparse file of five gigabytes has its digest, bytes above four among them`()
    async throws
  {
    try await HashScene.with { scene in
      try scene.makeSparse(
        "sparse", byteCount: 5 << 30,
        marks: [0: "begin", 4_500_000_001: "above four gigabytes", (5 << 30) - 3: "end"])
      let ended = try await scene.hash("sparse")
      #expect(ended.status == 0, "\(ended.errors)")
      #expect(
        ended.output == "37e2f116c09fed78b4a161fc24855993e2f50f32b407d9d7149ffcf3c3868469  sparse\n"
      )
    }
  }

  @Test func `a file appended to while it is hashed is reported, not recorded`() async throws {
    try await HashScene.with { scene in
      try scene.makeSparse("growing", byteCount: 2 << 30)
      try scene.directory.write("still", "abc")
      let path = "\(scene.directory.path)/growing"
      // A shell looks sooner than a task that waits for its turn among many. Stopped, the program cannot come
      // to the end before the append; if it did before it was stopped, that was no test, and it is done again.
      let ended = try await scene.bash(
        """
        set +e +o pipefail
        for _ in $(seq 20); do
          convoy hash \(path) \(scene.directory.path)/still > found 2> said & program=$!
          until readlink /proc/$program/fd/* | grep -q /growing$; do kill -0 $program || break; done
          kill -STOP $program && readlink /proc/$program/fd/* | grep -q /growing$ && is_open=1
          printf more >> growing
          kill -CONT $program
          wait $program
          status=$?
          [[ ${is_open-} ]] && break
        done
        cat found
        cat said >&2
        exit $status
        """)
      #expect(ended.status == 3)
      #expect(
        ended.output == """
          ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  \
          \(scene.directory.path)/still

          """)
      #expect(
        ended.errors == """
          convoy hash: \(path): changed while it was read
          convoy hash: not read: 1 file

          """)
    }
  }
}
