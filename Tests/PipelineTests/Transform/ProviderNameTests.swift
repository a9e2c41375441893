import Testing

@testable import Pipeline

struct ProviderNameTests {
  @Test(arguments: [
    "kimi", "glm", "google", "openai", "OpenAI Compatible", "mistral", "",
    "a very long provider's name",
  ])
  func `known and foreign names stay as they are written`(name: String) {
    #expect(ProviderName.read(Array(name.utf8)) == .asWritten)
  }

  @Test(arguments: [
    ("KIMI", "kimi"), ("GLM", "glm"), ("ZAI", "glm"), ("zai", "glm"), ("Google", "google"),
    ("OpenRouter", "openrouter"),
  ])
  func `known names in other letters get the product's spelling`(name: String, stored: String) {
    #expect(ProviderName.read(Array(name.utf8)) == .respelled(Array(stored.utf8)))
  }

  @Test(arguments: ["boundary", "unknown", "Unknown", "BOUNDARY"])
  func `placeholders are no provider`(name: String) {
    #expect(ProviderName.read(Array(name.utf8)) == .none)
  }
}
