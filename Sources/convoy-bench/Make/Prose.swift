/// Writes chat-like text as the inside of a JSON string: quotes, newlines and backslashes come escaped.
struct Prose {
  private let vocabulary = Vocabulary()
  /// Sentences that many messages share, as real conversations repeat greetings, advice and log lines.
  private let stock: [[UInt8]]

  init(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var sentences: [[UInt8]] = []
    for _ in 0..<Self.stockSentences {
      var sentence: [UInt8] = []
      Self.appendSentence(to: &sentence, vocabulary, &random)
      sentences.append(sentence)
    }
    stock = sentences
  }

  /// Appends at least `wantedBytes` of text, whole sentences and blocks only.
  func appendMessage(_ wantedBytes: Int, to line: inout [UInt8], _ random: inout SplitMix64) {
    let end = line.count + wantedBytes
    while true {
      switch random.below(100) {
      case 0..<8 where end - line.count > 250: appendCode(to: &line, &random)
      case 8..<18 where end - line.count > 250: appendList(to: &line, &random)
      case 18..<22: appendQuote(to: &line, &random)
      case 22..<25: line.append(json: random.pick(Self.beyondASCII))
      default: appendParagraph(until: end, to: &line, &random)
      }
      if line.count >= end { return }
      line.append(json: #"\n\n"#)
    }
  }

  func appendSentence(to line: inout [UInt8], _ random: inout SplitMix64) {
    if random.percent(Self.stockPercent) {
      // The lesser of two draws: the first sentences of the pool are the frequent ones.
      line.append(contentsOf: stock[min(random.below(stock.count), random.below(stock.count))])
    } else {
      Self.appendSentence(to: &line, vocabulary, &random)
    }
  }

  /// Appends an absolute path, one in three in the Windows spelling.
  func appendPath(to line: inout [UInt8], _ random: inout SplitMix64) {
    let isWindows = random.percent(33)
    line.append(json: isWindows ? #"C:\\Project"# : "/srv/project")
    for _ in 0..<random.within(1...3) {
      line.append(json: isWindows ? #"\\"# : "/")
      line.append(contentsOf: vocabulary.word(&random))
    }
    line.append(json: random.pick([".py", ".swift", ".md", ".json", ".ts"]))
  }

  func word(_ random: inout SplitMix64) -> [UInt8] {
    vocabulary.word(&random)
  }

  private func appendParagraph(
    until end: Int, to line: inout [UInt8], _ random: inout SplitMix64
  ) {
    for sentence in 0..<random.within(2...6) {
      if sentence > 0 { line.append(UInt8(ascii: " ")) }
      appendSentence(to: &line, &random)
      if line.count >= end { return }
    }
  }

  private func appendList(to line: inout [UInt8], _ random: inout SplitMix64) {
    line.append(json: "## ")
    line.append(contentsOf: word(&random))
    for _ in 0..<random.within(2...5) {
      line.append(json: #"\n- **"#)
      line.append(contentsOf: word(&random))
      line.append(json: "**: ")
      appendSentence(to: &line, &random)
    }
  }

  private func appendQuote(to line: inout [UInt8], _ random: inout SplitMix64) {
    line.append(json: #"> \""#)
    appendSentence(to: &line, &random)
    line.append(json: #"\""#)
  }

  private func appendCode(to line: inout [UInt8], _ random: inout SplitMix64) {
    line.append(json: #"```python\ndef "#)
    line.append(contentsOf: word(&random))
    line.append(json: #"(self, path: str) -> None:\n"#)
    for _ in 0..<random.within(2...8) {
      line.append(json: #"    self."#)
      line.append(contentsOf: word(&random))
      line.append(json: #" = config.get(\""#)
      line.append(contentsOf: word(&random))
      line.append(json: random.percent(15) ? #"\", r\"\\d+\\s*\")\n"# : #"\", None)\n"#)
    }
    line.append(json: "```")
  }

  private static func appendSentence(
    to line: inout [UInt8], _ vocabulary: Vocabulary, _ random: inout SplitMix64
  ) {
    var word = vocabulary.word(&random)
    if let first = word.first, (97...122).contains(first) { word[0] = first - 32 }
    line.append(contentsOf: word)
    for _ in 0..<random.within(5...18) {
      if random.percent(6) { line.append(UInt8(ascii: ",")) }
      line.append(UInt8(ascii: " "))
      line.append(contentsOf: vocabulary.word(&random))
    }
    line.append(random.percent(10) ? UInt8(ascii: "?") : UInt8(ascii: "."))
  }

  private static let stockSentences = 250
  private static let stockPercent = 65
  private static let beyondASCII = [
    "✅ fertig – naïve façade, größer als 3 µs…", "🚀 deploy → done", "日本語のメモ：再試行",
    "👩‍💻 Ça marche « bien »",
    "⚠️ Привет, мир", "“quoted” — ½ × 4 ≈ 2",
  ]
}
