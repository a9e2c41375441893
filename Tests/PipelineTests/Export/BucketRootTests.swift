internal import Testing

@testable internal import Pipeline

@Suite struct BucketRootTests {
  @Test(arguments: [
    ("store:b", "b", ""), ("store:convoy-archives/a/b.c", "convoy-archives", "a/b.c/"),
  ])
  func `a bucket is named with what its keys begin with`(
    text: String, bucket: String, prefix: String
  ) throws {
    let root = try #require(try BucketRoot(text))
    #expect(root.bucket == bucket)
    #expect(root.prefix == prefix)
    #expect(root.description == text)
    let archive = try #require(try BucketRoot("\(text)/20261125T021500Z")?.archive)
    #expect(archive.root == root)
    #expect(archive.name == "20261125T021500Z")
  }

  @Test(arguments: ["archives", "/srv/archives", "stores/a", ""])
  func `anything else is a directory`(text: String) throws {
    #expect(try BucketRoot(text) == nil)
  }

  @Test(arguments: ["store:", "store:/a", "store:a/", "store:a//b", "store:a/..", "store:a b"])
  func `a text that names no bucket is refused`(text: String) {
    let error = #expect(throws: RunError.self) { try BucketRoot(text) }
    #expect(error?.kind == .badPipeline)
    #expect(error?.message.hasPrefix(text) == true)
  }
}
