import Archive
import Foundation
import Testing

@Suite struct InputFileTests {
  @Test func `reads append up to the limit and end with zero`() throws {
    let scratch = try Scratch()
    var file = try InputFile(path: scratch.write("input", Array("abcde".utf8)))
    var buffer = Array("x".utf8)
    #expect(try file.read(into: &buffer, upTo: 3) == 3)
    #expect(buffer == Array("xabc".utf8))
    #expect(try file.read(into: &buffer, upTo: 3) == 2)
    #expect(try file.read(into: &buffer, upTo: 3) == 0)
    #expect(buffer == Array("xabcde".utf8))
    #expect(file.bytesRead == 5)
  }

  @Test func `size, time and identity are the file's own`() throws {
    let scratch = try Scratch()
    let path = try scratch.write("input", [1, 2, 3])
    let time = [timespec(tv_sec: 1_600_000_000, tv_nsec: 123_456_789)]
    #expect(unsafe utimensat(AT_FDCWD, path, time + time, 0) == 0)
    try scratch.link("link", to: path)
    let file = try InputFile(path: path)
    let linked = try InputFile(path: scratch.path("link"))
    #expect(file.size == 3)
    #expect(file.modificationTimeNanoseconds == 1_600_000_000_123_456_789)
    #expect(file.inode == linked.inode && file.device == linked.device)
    #expect(file.fingerprint == (try InputFingerprint(path: path)))
  }

  @Test func `a directory is refused when opened`() throws {
    let scratch = try Scratch()
    let path = scratch.path
    let error = #expect(throws: FileError.self) { _ = try InputFile(path: path) }
    #expect(error == FileError(.open, path: path, errno: EISDIR))
  }

  @Test func `a path with a NUL does not open the file named before it`() throws {
    let scratch = try Scratch()
    let path = try scratch.write("input", [1]) + "\0.jsonl"
    let error = #expect(throws: FileError.self) { _ = try InputFile(path: path) }
    #expect(error?.errno == EINVAL)
  }

  @Test func `a character device reads and has no size`() throws {
    var file = try InputFile(path: "/dev/zero")
    var buffer: [UInt8] = []
    #expect(try file.read(into: &buffer, upTo: 4) == 4)
    #expect(buffer == [0, 0, 0, 0])
    #expect(file.size == nil)
  }

  @Test func `a FIFO named by its path reads until its writer closes`() throws {
    let scratch = try Scratch()
    let path = scratch.path("fifo")
    #expect(unsafe mkfifo(path, 0o600) == 0)
    let writer = Process()
    writer.executableURL = URL(fileURLWithPath: "/bin/sh")
    writer.arguments = ["-c", "printf hello > \"$0\"", path]
    try writer.run()
    #expect(try readAll(ByteStream(path: path)) == Array("hello".utf8))
    writer.waitUntilExit()
  }

  @Test func `a non-blocking pipe is waited for`() throws {
    let pipe = Pipe()
    let descriptor = dup(pipe.fileHandleForReading.fileDescriptor)
    #expect(fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0)
    var file = try InputFile(takingOwnershipOf: descriptor, path: "-")
    let writer = Thread {
      usleep(20_000)
      pipe.fileHandleForWriting.write(Data("late".utf8))
    }
    writer.start()
    var buffer: [UInt8] = []
    #expect(try file.read(into: &buffer, upTo: 10) == 4)
    #expect(buffer == Array("late".utf8))
  }

  @Test func `a descriptor that cannot be read is an error, and the buffer keeps what it held`()
    throws
  {
    let scratch = try Scratch()
    let path = try scratch.write("input", [1, 2])
    let descriptor = unsafe open(path, O_WRONLY)
    var file = try InputFile(takingOwnershipOf: descriptor, path: path)
    var buffer: [UInt8] = [9]
    do throws(FileError) {
      _ = try file.read(into: &buffer, upTo: 10)
      Issue.record("read from a descriptor opened for writing")
    } catch {
      #expect(error == FileError(.read, path: path, errno: EBADF))
    }
    #expect(buffer == [9])
  }

  @Test func `ending the value closes its descriptor`() throws {
    let scratch = try Scratch()
    let path = try scratch.write("input", [1])
    let descriptor = unsafe open(path, O_RDONLY)
    do { _ = try InputFile(takingOwnershipOf: descriptor, path: path) }
    // Another test may have been given the number by now, but not for this file.
    var status = stat()
    let isOpen = unsafe fstat(descriptor, &status) == 0
    var own = stat()
    #expect(unsafe stat(path, &own) == 0)
    #expect(!isOpen || status.st_ino != own.st_ino)
  }

  @Test(arguments: [
    (
      FileError(.open, path: "samples/a.jsonl", errno: EACCES),
      "samples/a.jsonl: cannot open: Permission denied"
    ),
    (FileError(.read, path: "-", errno: EIO), "standard input: cannot read: Input/output error"),
    (
      FileError(.decode, path: "a\\xff", errno: EILSEQ),
      "a\\xff: cannot represent as UTF-8: Invalid or incomplete multibyte or wide character"
    ),
  ])
  func `an error reads as place, operation and cause`(error: FileError, text: String) {
    #expect(error.description == text)
  }
}
