internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct FileMissingTests {
  /// Findings about a message with these files.
  private static func found(_ files: String, yaml: String? = nil) async throws -> Int {
    var scene = RuleScene(
      turns: [RuleScene.turn("user", "a", ",\"files\":[\(files)]")],
      yaml: yaml ?? "validate: {fileRoots: [\"{directory}/kept\", \"{directory}/more\"]}")
    scene.beside = ["kept/home/ada/cache.py": "a", "more/b.txt": "b"]
    return try await scene.found(.fileMissing)
  }

  @Test(arguments: [
    (#""/home/ada/cache.py""#, 0), (#""home/./ada/cache.py""#, 0), (#""b.txt""#, 0),
    (#""C:\\home\\ada\\cache.py""#, 0), (#""/home/ada/gone.py""#, 1), (#""../more/b.txt""#, 1),
    (#""/home/ada/gone.py","/gone","b.txt""#, 1), (#""data:image/png;base64,AA==""#, 0),
    (#""https://example.org/a""#, 0), (#""""#, 0), ("7", 0), (#""a\u0000""#, 1),
  ])
  func `a file is looked for below each root`(files: String, expected: Int) async throws {
    #expect(try await Self.found(files) == expected)
  }

  @Test func `without roots nothing is looked for`() async throws {
    #expect(try await Self.found(#""/home/ada/gone.py""#, yaml: "") == 0)
  }
}
