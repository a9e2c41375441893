internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct SecretCommandTests {
  @Test(arguments: [
    ("printf 'se same'", "se same"), ("echo sesame", "sesame"), (#"printf 'sesame\r\n'"#, "sesame"),
    (#"printf 'sesame\n\n'"#, "sesame\n"), ("echo ' sesame '", " sesame "),
    ("echo noise >&2; echo sésame", "sésame"), ("cat; echo sesame", "sesame"),
  ])
  func `what it prints is the password, without the line's end`(
    command: String, password: String
  ) async throws {
    #expect(try await SecretCommand(command, prints: .password).read() == password)
  }

  @Test(arguments: [
    ("echo sesame; echo sesame >&2; exit 3", "the password command ended with status 3"),
    ("true # sesame", "the password command printed nothing"),
    ("echo '' # sesame", "the password command printed nothing"),
    ("echo sesame; kill -9 $$", "the password command was ended by signal 9"),
    ("sesame", "the password command ended with status 127"),
    (
      "yes sesame | head -c 70000",
      "the password command could not be run, or printed more than 64 KiB"
    ),
  ])
  func `a command that gives none is refused without a word of what it is or says`(
    command: String, message: String
  ) async throws {
    let error = await #expect(throws: RunError.self) {
      try await SecretCommand(command, prints: .password).read()
    }
    #expect(error?.kind == .failed)
    #expect(error?.message == message)
    #expect(error?.hint?.contains("sesame") == false)
  }

  @Test func `one that should print a key is called so`() async throws {
    let error = await #expect(throws: RunError.self) {
      try await SecretCommand("exit 2 # sesame", prints: .key).read()
    }
    #expect(error?.message == "the key command ended with status 2")
    #expect(error?.hint == "run it by itself; it is store.keyCommand")
  }

  @Test func `it is asked once`() async throws {
    try await TemporaryDirectory.with { directory in
      let choice = try TargetChoice.resolve(
        "postgresql://u@h/d", passwordCommand: "echo >> '\(directory.path)/asked'; echo sesame",
        environment: ["CONVOY_PASSWORD_COMMAND": "echo other"])
      for _ in 0..<3 {
        let target = try await choice.connectionTarget(startingLocal: true)
        #expect(target.parameters.contains { $0.key == "password" && $0.value == "sesame" })
      }
      #expect(try directory.read("asked") == [0x0A])
      #expect(!choice.description.contains("sesame"))
    }
  }

  @Test func `a target with a password of its own needs none`() async throws {
    let choice = try TargetChoice.resolve(
      "postgresql://u:own@h/d", environment: ["CONVOY_PASSWORD_COMMAND": "exit 1"])
    let target = try await choice.connectionTarget(startingLocal: true)
    #expect(target.parameters.filter { $0.key == "password" }.map(\.value) == ["own"])
  }
}
