internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct HashCommandTests {
  private static let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
  private static let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

  @Test func `names of any bytes are printed as sha256sum prints them`() async throws {
    try await HashScene.with { scene in
      let ended = try await scene.bash(
        #"""
        mkdir -p t/'sub dir' t/$'\xff'
        for name in plain 'two  blanks' $'new\nline' $'car\rriage' 'back\slash' $'not\xffutf8' $'e\xcc\x81' \
          $'tab\t' '*star' ' blank' 'sub dir/deep' $'\xff/below' -dash '#comment' $'both\\\n'; do
          printf '%s' "$name" > "t/$name"
        done
        find t -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum > expected
        convoy hash t > found
        cmp expected found
        # Old versions of sha256sum print a carriage return as it is.
        convoy hash --check expected | grep -av 'car.*riage' > verdicts
        sha256sum --check expected | grep -av 'car.*riage' > verdicts.expected
        cmp verdicts.expected verdicts
        convoy hash --check expected | grep -Fx '\t/car\rriage: OK' > found.verdict
        sha256sum --check --quiet found
        # Given outright, two names that look the same as text are two files.
        convoy hash $'t/not\xffutf8' t/$'\xff' > found
        sha256sum $'t/not\xffutf8' t/$'\xff/below' > expected
        cmp expected found
        """#)
      #expect(ended.status == 0, "\(ended.errors)")
    }
  }

  @Test func `two names that are the same as text are told apart`() async throws {
    try await HashScene.with { scene in
      let ended = try await scene.bash(
        #"""
        for name in $'a\xff' $'a\xfe' $'a\xef\xbf\xbd'; do printf '%s' "$name" > "$name"; done
        sha256sum $'a\xfe' $'a\xff' $'a\xfe' $'a\xef\xbf\xbd' > expected
        convoy hash $'a\xfe' $'a\xff' $'a\xfe' $'a\xef\xbf\xbd' > found
        cmp expected found
        """#)
      #expect(ended.status == 0, "\(ended.errors)")
    }
  }

  @Test func `arguments come in their order, trees in byte order, standard input as a dash`()
    async throws
  {
    try await HashScene.with { scene in
      for name in ["b/2", "b/1", "a"] { try scene.directory.write(name, "abc") }
      let ended = try await scene.hash("b", "-", "a", "b/2", "b/", input: "abc")
      #expect(ended.status == 0, "\(ended.errors)")
      #expect(
        ended.output
          == ["b/1", "b/2", "-", "a", "b/2", "b/1", "b/2"].map { "\(Self.abc)  \($0)\n" }.joined())
      #expect(ended.errors == "")
    }
  }

  @Test func `a FIFO given outright is read, in a directory it is passed over`() async throws {
    try await HashScene.with { scene in
      let ended = try await scene.bash(
        """
        mkdir t; mkfifo t/fifo; ln -s fifo t/link; : > t/file
        printf abc > t/fifo & convoy hash t/fifo /dev/null
        convoy hash t 2> notes; cat notes
        """)
      #expect(ended.status == 0, "\(ended.errors)")
      #expect(
        ended.output == """
          \(Self.abc)  t/fifo
          \(Self.empty)  /dev/null
          \(Self.empty)  t/file
          convoy hash: passed over: 1 symbolic link, 1 FIFO

          """)
    }
  }

  @Test func `what cannot be read is named, the rest is hashed, and the status says so`()
    async throws
  {
    try await HashScene.with { scene in
      try scene.directory.write("a", "abc")
      let some = try await scene.hash("gone", "a", "/proc/self/mem")
      #expect(some.status == 3)
      #expect(some.output == "\(Self.abc)  a\n")
      #expect(
        some.errors == """
          convoy hash: gone: cannot stat: No such file or directory
          convoy hash: /proc/self/mem: cannot read: Input/output error
          convoy hash: not read: 2 files

          """)
      let none = try await scene.hash("gone")
      #expect(none.status == 74)
      #expect(none.output == "")
      for arguments in [["--chunks"], ["--check", "x", "--chunks"], ["--workers", "0", "a"]] {
        let refused = try await ConvoyProcess.run(["hash"] + arguments)
        #expect(refused.status == 64, "\(refused.errors)")
      }
    }
  }

  @Test func `files without permission are named`() async throws {
    try await HashScene.with { scene in
      let ended = try await scene.bash(
        """
        mkdir t t/closed; printf abc > t/a; printf abc > t/secret; chmod 0 t/secret t/closed
        run=(convoy)
        # Nothing is closed to root, and the program itself may be to others.
        if test "$(id -u)" = 0; then
          cp "$(command -v convoy)" other
          run=(setpriv --reuid=65534 --regid=65534 --clear-groups ./other)
        fi
        "${run[@]}" hash --no-cache t || test $? = 3
        rm -f other; chmod 700 t/closed
        """)
      #expect(ended.status == 0, "\(ended.errors)")
      #expect(ended.output == "\(Self.abc)  t/a\n")
      #expect(ended.errors.contains("t/closed/: cannot open: Permission denied\n"))
      #expect(ended.errors.contains("t/secret: cannot open: Permission denied\n"))
      #expect(ended.errors.contains("not read: 2 files\n"))
    }
  }

  @Test func `objects say what became of each path`() async throws {
    try await HashScene.with { scene in
      let ended = try await scene.bash(
        #"""
        mkdir t; printf abc > t/a; printf abc > t/$'b\xff'; ln -s a t/link
        head -c 8388609 /dev/zero > t/long
        convoy hash --json --chunks --no-cache t gone || test $? = 3
        """#)
      #expect(ended.status == 0, "\(ended.errors)")
      let zeros = "2daeb1f36095b44b318410b3f4e8b5d989dcc7bb023d1426c492dab0a3053e74"
      let zero = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
      let whole = try await scene.bash("sha256sum < t/long | cut -c 1-64")
      let digest = whole.output.trimmingCharacters(in: .newlines)
      #expect(
        ended.output == #"""
          {"schema": "convoy.hash/1", "path": "t/a", "outcome": "hashed", "sha256": "\#(Self.abc)", "bytes": 3, "isCached": false}
          {"schema": "convoy.hash/1", "pathBase64": "dC9i/w==", "outcome": "hashed", "sha256": "\#(Self.abc)", "bytes": 3, "isCached": false}
          {"schema": "convoy.hash/1", "path": "t/link", "outcome": "skipped", "reason": "symbolic link"}
          {"schema": "convoy.hash/1", "path": "t/long", "outcome": "hashed", "sha256": "\#(digest)", "bytes": 8388609, "isCached": false, "chunkBytes": 8388608, "chunks": ["\#(zeros)", "\#(zero)"]}
          {"schema": "convoy.hash/1", "path": "gone", "outcome": "missing", "reason": "gone: cannot stat: No such file or directory"}

          """#)
    }
  }

  @Test func `a terminal is not commanded by a name that cannot be read`() async throws {
    try await HashScene.with { scene in
      let ended = try await scene.hash("gone\u{1B}[2J")
      #expect(ended.status == 74)
      #expect(!ended.errors.contains("\u{1B}"))
    }
  }

  @Test func `output that nobody can take is a failure of files`() async throws {
    try await HashScene.with { scene in
      try scene.directory.write("a", "abc")
      let ended = try await scene.bash("convoy hash a > /dev/full || test $? = 74")
      #expect(ended.status == 0, "\(ended.errors)")
      #expect(ended.errors.hasPrefix("convoy hash: standard output: cannot write"))
    }
  }

  @Test(arguments: [SIGINT, SIGTERM]) func `a signal ends the hashing of a long file`(
    signal: Int32
  ) async throws {
    try await HashScene.with { scene in
      try scene.directory.write("a", "abc")
      // Hours of work.
      try scene.makeSparse("long", byteCount: 1 << 43)
      let ended = try await ConvoyProcess.run(
        ["hash", "a", "long"], environment: scene.environment, directory: scene.directory.path
      ) { process in
        try await OpenFiles.waitUntilOpen("long", by: process)
        #expect(kill(process, signal) == 0)
      }
      #expect(ended.status == 128 + signal)
      #expect(ended.errors == "convoy hash: interrupted\n")
    }
  }
}
