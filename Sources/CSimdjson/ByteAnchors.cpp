#include "CSimdjson.h"

#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace {

// What stands before a `-`, `_`, `I` or `J` that belongs to a secret, by form; before an `@` anything may.
constexpr const char *before_dash = "ktabprsix";
constexpr const char *before_line = "poursbfkm8";
constexpr const char *before_capital = "KSA";
constexpr const char *before_token = "y";

// One bit a form. A byte is of a form if both its halves' entries have the bit: so some that are not named
// above are too, and are told apart by who looks closer.
struct halves {
  uint8_t low[16] = {};
  uint8_t high[16] = {};

  constexpr void add(uint8_t byte, uint8_t forms) {
    low[byte & 15] |= forms;
    high[byte >> 4] |= forms;
  }

  constexpr void add(const char *bytes, uint8_t forms) {
    for (; *bytes; ++bytes) add(static_cast<uint8_t>(*bytes), forms);
  }

  constexpr uint8_t forms(uint8_t byte) const { return low[byte & 15] & high[byte >> 4]; }
};

enum form : uint8_t { dash = 1, line = 2, capital = 4, token = 8, at = 16 };

constexpr halves anchors() {
  halves made;
  made.add('-', dash);
  made.add('_', line);
  made.add('I', capital);
  made.add('J', token);
  made.add('@', at);
  return made;
}

constexpr halves befores() {
  halves made;
  made.add(before_dash, dash);
  made.add(before_line, line);
  made.add(before_capital, capital);
  made.add(before_token, token);
  for (auto &entry : made.low) entry |= at;
  for (auto &entry : made.high) entry |= at;
  return made;
}

constexpr halves anchor = anchors();
constexpr halves before = befores();
// A private key's heading is `-----BEGIN`.
constexpr int heading = 5;

bool is_secret_anchor(const uint8_t *byte) {
  return (anchor.forms(byte[0]) & before.forms(byte[-1])) != 0 ||
         (byte[0] == '-' && byte[heading] == 'B');
}

#if defined(__x86_64__)

__attribute__((target("avx2"))) inline __m256i table(const uint8_t (&entries)[16]) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i *>(entries)));
}

__attribute__((target("avx2"))) inline __m256i load(const uint8_t *bytes) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i *>(bytes));
}

__attribute__((target("avx2"))) inline __m256i forms(const halves &of, __m256i bytes) {
  const __m256i half = _mm256_set1_epi8(15);
  const __m256i low = _mm256_shuffle_epi8(table(of.low), _mm256_and_si256(bytes, half));
  const __m256i high = _mm256_shuffle_epi8(
      table(of.high), _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half));
  return _mm256_and_si256(low, high);
}

__attribute__((target("avx2"))) inline uint32_t secret_anchors32(const uint8_t *bytes) {
  const __m256i block = load(bytes);
  const __m256i neither = _mm256_cmpeq_epi8(
      _mm256_and_si256(forms(anchor, block), forms(before, load(bytes - 1))),
      _mm256_setzero_si256());
  const __m256i headings = _mm256_and_si256(
      _mm256_cmpeq_epi8(block, _mm256_set1_epi8('-')),
      _mm256_cmpeq_epi8(load(bytes + heading), _mm256_set1_epi8('B')));
  return ~static_cast<uint32_t>(_mm256_movemask_epi8(neither)) |
         static_cast<uint32_t>(_mm256_movemask_epi8(headings));
}

// Of at least 32 bytes; the last block overlaps the one before it.
__attribute__((target("avx2"))) size_t secret_anchor_avx2(
    const uint8_t *bytes, size_t from, size_t to) {
  for (; to - from >= 32; from += 32) {
    const uint32_t hits = secret_anchors32(bytes + from);
    if (hits != 0) return from + static_cast<size_t>(__builtin_ctz(hits));
  }
  if (from == to) return to;
  const uint32_t hits = secret_anchors32(bytes + to - 32) >> (32 - (to - from));
  return hits != 0 ? from + static_cast<size_t>(__builtin_ctz(hits)) : to;
}

__attribute__((target("avx2"))) inline uint32_t backslashes32(const uint8_t *bytes) {
  return static_cast<uint32_t>(
      _mm256_movemask_epi8(_mm256_cmpeq_epi8(load(bytes), _mm256_set1_epi8('\\'))));
}

__attribute__((target("avx2"))) void backslashes_avx2(
    const uint8_t *bytes, size_t length, uint64_t *words) {
  for (; length >= 64; bytes += 64, length -= 64) {
    *words++ = backslashes32(bytes) | static_cast<uint64_t>(backslashes32(bytes + 32)) << 32;
  }
}

__attribute__((target("avx2"))) inline uint32_t to_escape32(const uint8_t *bytes) {
  const __m256i block = load(bytes);
  const __m256i control = _mm256_cmpeq_epi8(
      _mm256_min_epu8(block, _mm256_set1_epi8(0x1F)), block);
  const __m256i quote = _mm256_cmpeq_epi8(block, _mm256_set1_epi8('"'));
  const __m256i slash = _mm256_cmpeq_epi8(block, _mm256_set1_epi8('\\'));
  return static_cast<uint32_t>(
      _mm256_movemask_epi8(_mm256_or_si256(control, _mm256_or_si256(quote, slash))));
}

// Of at least 32 bytes; the last block overlaps the one before it.
__attribute__((target("avx2"))) size_t to_escape_avx2(
    const uint8_t *bytes, size_t from, size_t to) {
  for (; to - from >= 32; from += 32) {
    const uint32_t hits = to_escape32(bytes + from);
    if (hits != 0) return from + static_cast<size_t>(__builtin_ctz(hits));
  }
  if (from == to) return to;
  const uint32_t hits = to_escape32(bytes + to - 32) >> (32 - (to - from));
  return hits != 0 ? from + static_cast<size_t>(__builtin_ctz(hits)) : to;
}

const bool has_avx2 = __builtin_cpu_supports("avx2");

#endif

uint64_t backslashes64(const uint8_t *bytes, size_t length) {
  uint64_t bits = 0;
  for (size_t place = 0; place < length; ++place) {
    bits |= static_cast<uint64_t>(bytes[place] == '\\') << place;
  }
  return bits;
}

}  // namespace

size_t convoy_secret_anchor(const uint8_t *bytes, size_t from, size_t to) {
#if defined(__x86_64__)
  if (has_avx2 && to - from >= 32) return secret_anchor_avx2(bytes, from, to);
#endif
  while (from < to && !is_secret_anchor(bytes + from)) ++from;
  return from;
}

size_t convoy_to_escape(const uint8_t *bytes, size_t from, size_t to) {
#if defined(__x86_64__)
  if (has_avx2 && to - from >= 32) return to_escape_avx2(bytes, from, to);
#endif
  while (from < to && bytes[from] >= 0x20 && bytes[from] != '"' && bytes[from] != '\\') ++from;
  return from;
}

void convoy_backslashes(const uint8_t *bytes, size_t length, uint64_t *words) {
  size_t done = 0;
#if defined(__x86_64__)
  if (has_avx2) {
    backslashes_avx2(bytes, length, words);
    done = length / 64 * 64;
  }
#endif
  for (; done < length; done += 64) {
    words[done / 64] = backslashes64(bytes + done, length - done < 64 ? length - done : 64);
  }
}
