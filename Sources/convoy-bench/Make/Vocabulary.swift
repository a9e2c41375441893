/// A few thousand words whose frequency falls with their rank (Zipf), as in prose.
///
/// Text made of them compresses like prose. The words are the same for every seed.
struct Vocabulary {
  private let words: [[UInt8]]
  /// Each word's rank as often as its share of 65 536: one lookup draws a word.
  private let ranks: [UInt16]

  init(count: Int = 4_000) {
    var random = SplitMix64(seed: 0x636F_6E76_6F79)
    var words = Self.common.map { Array($0.utf8) }
    var seen = Set(words)
    while words.count < count {
      var word: [UInt8] = []
      for _ in 0..<random.within(1...3) { word += Array(random.pick(Self.syllables).utf8) }
      word += Array(random.pick(Self.endings).utf8)
      if seen.insert(word).inserted { words.append(word) }
    }
    let total = (1...count).reduce(0.0) { $0 + 1 / Double($1) }
    var ranks: [UInt16] = []
    var share = 0.0
    for rank in 0..<count {
      share += 1 / Double(rank + 1) / total
      while ranks.count < 65_536, Double(ranks.count) < share * 65_536 {
        ranks.append(UInt16(rank))
      }
    }
    while ranks.count < 65_536 { ranks.append(0) }
    self.words = words
    self.ranks = ranks
  }

  func word(_ random: inout SplitMix64) -> [UInt8] {
    words[Int(ranks[Int(random.next() >> 48)])]
  }

  private static let common = """
    the to and is of in it that you for a this with be as not on are can or if by from at when we \
    use an so but should all have one will do which only no more then there has value time file \
    after each before into error data what call test how same request was code line out they run \
    need table your first where new does server than up name set key list read other write check \
    type return also because message thread while session make query until version connection \
    row index path memory retry default client option cache empty without still batch schema
    """.split(separator: " ").map(String.init)

  private static let syllables = [
    "al", "an", "ar", "ba", "ber", "ca", "cen", "con", "da", "de", "dis", "el", "en", "er", "fa",
    "for", "ga", "gen", "hy", "im", "in", "ja", "ka", "la", "lo", "ma", "mi", "mon", "na", "ner",
    "no", "or", "pa", "per", "po", "pre", "qua", "ra", "re", "ro", "sa", "se", "sub", "ta", "ter",
    "tra", "un", "va", "ver", "wi", "xe", "ya", "zo",
  ]

  private static let endings = [
    "", "s", "ed", "ing", "er", "tion", "ment", "ly", "al", "ness", "able", "ity",
  ]
}
