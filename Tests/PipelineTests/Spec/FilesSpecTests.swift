internal import Testing

@testable internal import Pipeline

@Suite struct FilesSpecTests {
  @Test func `a section files makes a pipeline that stores files`() throws {
    let spec = try PipelineSpecTests.spec(
      """
      files:
        roots: [uploads, more/one.pdf]
        link: "{continuation_id}/**"
        manifest: [manifest.csv, file_registry.db]
        map: {/app: uploads/app}
        timeZone: Australia/Melbourne
        exclude: ["*.tmp", "~$*"]
      store:
        kind: supabase
        url: ${SUPABASE_URL}/storage/v1
        bucket: other
        publicBucket: allow
        uploads: 2
        keyCommand: pass show supabase
      load: {target: local, maxRejects: 3}
      """, environment: ["SUPABASE_URL": "https://ref.supabase.co"])
    #expect(spec.kind == .files)
    #expect(spec.files.roots == ["uploads", "more/one.pdf"])
    #expect(spec.files.link == "{continuation_id}/**")
    #expect(spec.files.manifest == ["manifest.csv", "file_registry.db"])
    #expect(spec.files.map == ["/app": "uploads/app"])
    #expect(spec.files.timeZone == TimeZones("Australia/Melbourne"))
    #expect(spec.files.exclude == ["*.tmp", "~$*"])
    #expect(spec.store.kind == .supabase)
    #expect(spec.store.url == "https://ref.supabase.co/storage/v1")
    #expect(spec.store.bucket == "other")
    #expect(spec.store.publicBucket == .allow)
    #expect(spec.store.uploads == 2)
    #expect(spec.store.keyCommand == "pass show supabase")
    #expect(spec.load.maxRejects == 3)
  }

  @Test func `every default of files and store is what its key, written out, is read as`() throws {
    var written: [String] = []
    for key in PipelineSpec.reference
    where ["files.", "store."].contains(where: key.keyPath.hasPrefix)
      && ["[]", "mcp-files", "refuse", "4"].contains(key.defaultText)
    {
      written.append("\(key.keyPath)=\(key.defaultText)")
    }
    #expect(written.count == 5)
    var expected = PipelineSpec(name: "p", format: .threads)
    expected.kind = .files
    #expect(try PipelineSpecTests.spec("", overrides: written) == expected)
  }

  @Test func `a store goes with records too`() throws {
    let spec = try PipelineSpecTests.spec(
      "source: {format: threads}\nstore: {directory: objects}\n")
    #expect(spec.kind == .load)
    #expect(spec.store.directory == "objects")
  }

  @Test(arguments: [
    ("files: {}\nsource: {format: threads}", "2: source: does not go with files"),
    ("files: {}\ntransform: {ids: v5}", "2: transform: does not go with files"),
    ("files: {}\nload: {strategy: rebuild}", "2: load.strategy: does not go with files"),
    ("export: {root: a}\nfiles: {roots: [b]}", "2: files: does not go with export"),
    ("export: {root: a}\nattach: {turns: off}", "2: attach: does not go with export"),
    ("files: {link: uploads/**}", "1: files.link: must be a relative path with {continuation_id}"),
    ("files: {link: \"/{continuation_id}/**\"}", "1: files.link: must be a relative path"),
    ("files: {link: \"../{continuation_id}\"}", "1: files.link: must be a relative path"),
    ("files: {link: \"{continuation_id}/a**\"}", "1: files.link: must be a relative path"),
    ("files: {link: \"{session}/{continuation_id}\"}", "1: files.link: must be a relative path"),
    ("files: {exclude: [a/b]}", "1: files.exclude: must be names without a slash"),
    ("files: {}\nstore: {uploads: 0}", "2: store.uploads: must be 1…64, is 0"),
    ("files: {}\nstore: {url: ref.supabase.co}", "2: store.url: must be the address of a project"),
  ])
  func `what does not fit a pipeline of files is refused with its place`(
    text: String, expected: String
  ) {
    let refusal = PipelineSpecTests.refusal(text)
    #expect(refusal.hasPrefix("p.yaml:\(expected)"), "\(refusal)")
  }

  @Test(arguments: [
    "files: {}\nstore: {key: sb_secret_sesame}",
    "files: {}\nstore: {secretKey: sb_secret_sesame}",
    "files: {}\nstore: {url: \"https://user:sb_secret_sesame@ref.supabase.co\"}",
    "files: {}\nstore: {url: \"https://ref.supabase.co?apikey=sb_secret_sesame\"}",
    "files: {}\nstore: {keyCommand: [sb_secret_sesame]}",
  ])
  func `a key in the file is refused and not repeated`(text: String) {
    let refusal = PipelineSpecTests.refusal(text)
    #expect(refusal.hasPrefix("p.yaml:2: store."), "\(refusal)")
    #expect(!refusal.contains("sesame"), "\(refusal)")
  }
}
