internal import ObjectStore
internal import Testing

@testable internal import Pipeline

@Suite struct StorePlanTests {
  private static func plan(
    _ environment: [String: String] = [:], _ change: (inout StoreSpec) -> Void = { _ in }
  ) throws(RunError) -> StorePlan {
    var spec = StoreSpec()
    change(&spec)
    return try StorePlan(
      spec, environment: environment.merging(["CONVOY_HOME": "/state"]) { own, _ in own })
  }

  private static let project = ["SUPABASE_URL": "https://ref.supabase.co"]

  @Test func `with no address objects go to a directory beside the local database`() async throws {
    let plan = try Self.plan()
    #expect(plan.description == "directory /state/objects")
    #expect(plan.isDirectory)
    #expect(try await plan.open().place == "/state/objects")
  }

  @Test func `an address in the environment or the pipeline makes it a bucket`() throws {
    #expect(
      try Self.plan(Self.project).description == "bucket mcp-files of https://ref.supabase.co")
    let own = try Self.plan(Self.project) {
      $0.url = "https://other.supabase.co"
      $0.bucket = "b"
    }
    #expect(own.description == "bucket b of https://other.supabase.co")
    #expect(!own.isDirectory)
  }

  @Test func `a kind or a directory in the pipeline wins over the environment`() throws {
    #expect(try Self.plan(Self.project) { $0.kind = .directory }.isDirectory)
    let plan = try Self.plan(Self.project) { $0.directory = "here" }
    #expect(plan.description == "directory here")
  }

  @Test func `a bucket without an address is refused`() {
    let error = #expect(throws: RunError.self) { try Self.plan { $0.kind = .supabase } }
    #expect(error?.kind == .badPipeline)
  }

  @Test(arguments: ["SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_SECRET_KEY"])
  func `the key comes from the environment`(name: String) async throws {
    let plan = try Self.plan(Self.project.merging([name: "sb_secret_sesame"]) { $1 }) {
      $0.keyCommand = "exit 1"
    }
    #expect(try await plan.open().place == "https://ref.supabase.co/storage/v1/bucket/mcp-files")
    #expect(!"\(plan)".contains("sesame"))
  }

  @Test func `else from a command`() async throws {
    let plan = try Self.plan(Self.project) { $0.keyCommand = "echo sb_secret_sesame" }
    #expect(try await plan.open() is SupabaseStorage)
    let bad = try Self.plan(Self.project) { $0.keyCommand = "echo sesame two" }
    let error = await #expect(throws: RunError.self) { try await bad.open() }
    #expect(error?.message == "what the key command prints cannot be a key")
  }

  @Test func `a bucket without a key is refused with where to put it`() async throws {
    let plan = try Self.plan(Self.project)
    let error = await #expect(throws: RunError.self) { try await plan.open() }
    #expect(error?.kind == .failed)
    #expect(error?.hint?.contains("SUPABASE_SERVICE_ROLE_KEY") == true)
  }

  @Test func `what cannot be a key is refused and not repeated`() {
    let error = #expect(throws: RunError.self) {
      try Self.plan(Self.project.merging(["SUPABASE_SECRET_KEY": "sesame\n"]) { $1 })
    }
    #expect(error?.message == "SUPABASE_SECRET_KEY holds what cannot be a key")
  }

  @Test(arguments: [
    "https://user:sesame@ref.supabase.co", "https://ref.supabase.co?apikey=sesame",
  ])
  func `an address with more in it is refused and not repeated`(address: String) {
    let error = #expect(throws: RunError.self) { try Self.plan(["SUPABASE_URL": address]) }
    #expect(error?.kind == .badPipeline)
    #expect(error?.message.contains("sesame") == false)
  }

  @Test func `an address in the clear is refused as the pipeline's mistake`() async throws {
    let plan = try Self.plan(["SUPABASE_SECRET_KEY": "sb_secret_sesame"]) {
      $0.url = "http://far.example"
    }
    let error = await #expect(throws: RunError.self) { try await plan.open() }
    #expect(error?.kind == .badPipeline)
    #expect(error?.message.contains("sesame") == false)
  }
}
