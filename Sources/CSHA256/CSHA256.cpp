#include "CSHA256.h"

#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>

#define CONVOY_SHA __attribute__((target("sha,sse4.1,ssse3")))

namespace {

constexpr size_t block_bytes = 64;

// FIPS 180-4, section 4.2.2.
alignas(64) constexpr uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

// The eight words in the order the instructions want them: ABEF and CDGH, the last named lowest.
struct state {
  __m128i abef, cdgh;
};

CONVOY_SHA state initial() {
  // FIPS 180-4, section 5.3.3.
  return {_mm_setr_epi32(0x9b05688c, 0x510e527f, static_cast<int>(0xbb67ae85), 0x6a09e667),
          _mm_setr_epi32(0x5be0cd19, 0x1f83d9ab, static_cast<int>(0xa54ff53a), 0x3c6ef372)};
}

// One text on its way through some blocks: its state and the four latest words of the schedule, four at a time.
struct rounds {
  state now, before;
  __m128i words[4];
  const uint8_t *at;

  CONVOY_SHA inline void load() {
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    before = now;
    for (int four = 0; four < 4; ++four) {
      words[four] = _mm_shuffle_epi8(
          _mm_loadu_si128(reinterpret_cast<const __m128i *>(at + 16 * four)), big_endian);
    }
    at += block_bytes;
  }

  // Rounds 4 * `step` to 4 * `step` + 3.
  CONVOY_SHA inline void round(int step) {
    __m128i input = _mm_add_epi32(
        words[step & 3], _mm_load_si128(reinterpret_cast<const __m128i *>(constants + 4 * step)));
    now.cdgh = _mm_sha256rnds2_epu32(now.cdgh, now.abef, input);
    now.abef = _mm_sha256rnds2_epu32(now.abef, now.cdgh, _mm_shuffle_epi32(input, 0x0E));
    if (step >= 12) return;
    const __m128i third = words[(step + 3) & 3];
    const __m128i sum = _mm_add_epi32(
        _mm_sha256msg1_epu32(words[step & 3], words[(step + 1) & 3]),
        _mm_alignr_epi8(third, words[(step + 2) & 3], 4));
    words[step & 3] = _mm_sha256msg2_epu32(sum, third);
  }

  CONVOY_SHA inline void add() {
    now.abef = _mm_add_epi32(now.abef, before.abef);
    now.cdgh = _mm_add_epi32(now.cdgh, before.cdgh);
  }
};

CONVOY_SHA void run(state &only, const uint8_t *at, size_t blocks) {
  rounds one = {only, only, {}, at};
  for (; blocks > 0; --blocks) {
    one.load();
#pragma GCC unroll 16
    for (int step = 0; step < 16; ++step) one.round(step);
    one.add();
  }
  only = one.now;
}

CONVOY_SHA void run(
    state &left, const uint8_t *left_at, state &right, const uint8_t *right_at, size_t blocks) {
  rounds one = {left, left, {}, left_at}, two = {right, right, {}, right_at};
  for (; blocks > 0; --blocks) {
    one.load();
    two.load();
#pragma GCC unroll 16
    for (int step = 0; step < 16; ++step) {
      one.round(step);
      two.round(step);
    }
    one.add();
    two.add();
  }
  left = one.now;
  right = two.now;
}

// A text being hashed: where its next blocks are.
//
// Short texts are put together first, so that each is one run of blocks; of long ones only what is not aligned.
struct lane {
  state now;
  const uint8_t *at = nullptr;
  size_t blocks = 0;

  bool is_busy() const { return digest != nullptr; }

  CONVOY_SHA void begin(
      const uint8_t *heads, const uint8_t *tails, const convoy_sha256_text &text,
      convoy_sha256_digest *into) {
    now = initial();
    head = heads + text.head;
    head_length = text.head_length;
    tail = tails + text.tail;
    tail_length = text.tail_length;
    bits = static_cast<uint64_t>(head_length + tail_length) * 8;
    is_last = false;
    digest = into;
    go_on();
  }

  CONVOY_SHA void take(size_t count) {
    at += count * block_bytes;
    blocks -= count;
    if (blocks == 0) go_on();
  }

 private:
  static constexpr size_t put_together = 4096;

  const uint8_t *head, *tail;
  size_t head_length, tail_length;
  uint64_t bits;
  bool is_last;
  convoy_sha256_digest *digest = nullptr;
  uint8_t buffer[put_together + 2 * block_bytes];

  void set(const uint8_t *from, size_t bytes) {
    at = from;
    blocks = bytes / block_bytes;
  }

  size_t copy(const uint8_t *&from, size_t &length, size_t filled) {
    const size_t count = length < put_together - filled ? length : put_together - filled;
    if (count > 0) std::memcpy(buffer + filled, from, count);
    from += count;
    length -= count;
    return filled + count;
  }

  // To the next run of blocks, or to the end.
  CONVOY_SHA void go_on() {
    if (is_last) return finish();
    if (head_length == 0 && tail_length >= put_together) {
      const size_t whole = tail_length / block_bytes * block_bytes;
      set(tail, whole);
      tail += whole;
      tail_length -= whole;
      return;
    }
    size_t filled = copy(head, head_length, 0);
    filled = copy(tail, tail_length, filled);
    if (head_length + tail_length > 0) return set(buffer, filled);
    // FIPS 180-4, section 5.1.1: a bit, zeros, the length in bits.
    is_last = true;
    const size_t end = (filled + 9 + block_bytes - 1) / block_bytes * block_bytes;
    buffer[filled] = 0x80;
    std::memset(buffer + filled + 1, 0, end - 8 - filled - 1);
    const uint64_t length = __builtin_bswap64(bits);
    std::memcpy(buffer + end - 8, &length, 8);
    set(buffer, end);
  }

  CONVOY_SHA void finish() {
    uint32_t abef[4], cdgh[4];
    _mm_storeu_si128(reinterpret_cast<__m128i *>(abef), now.abef);
    _mm_storeu_si128(reinterpret_cast<__m128i *>(cdgh), now.cdgh);
    digest->words[0] = static_cast<uint64_t>(abef[3]) << 32 | abef[2];
    digest->words[1] = static_cast<uint64_t>(cdgh[3]) << 32 | cdgh[2];
    digest->words[2] = static_cast<uint64_t>(abef[1]) << 32 | abef[0];
    digest->words[3] = static_cast<uint64_t>(cdgh[1]) << 32 | cdgh[0];
    digest = nullptr;
  }
};

}  // namespace

bool convoy_sha256_is_there(void) {
  return __builtin_cpu_supports("sse4.1") && __builtin_cpu_supports("ssse3") && [] {
    // Leaf 7, EBX bit 29 (Intel 64 and IA-32 manual, volume 2, CPUID): not every compiler knows "sha" here.
    unsigned a = 7, b, c = 0, d;
    __asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return (b >> 29 & 1) != 0;
  }();
}

CONVOY_SHA void convoy_sha256_texts(
    const uint8_t *heads, const uint8_t *tails, const convoy_sha256_text *texts, size_t count,
    convoy_sha256_digest *digests) {
  lane lanes[2];
  lane &left = lanes[0], &right = lanes[1];
  size_t next = 0;
  while (true) {
    for (lane &one : lanes) {
      if (one.is_busy() || next == count) continue;
      one.begin(heads, tails, texts[next], digests + next);
      ++next;
    }
    if (left.is_busy() && right.is_busy()) {
      const size_t blocks = left.blocks < right.blocks ? left.blocks : right.blocks;
      run(left.now, left.at, right.now, right.at, blocks);
      left.take(blocks);
      right.take(blocks);
    } else if (left.is_busy() || right.is_busy()) {
      lane &last = left.is_busy() ? left : right;
      const size_t blocks = last.blocks;
      run(last.now, last.at, blocks);
      last.take(blocks);
    } else {
      return;
    }
  }
}

#else

bool convoy_sha256_is_there(void) { return false; }

void convoy_sha256_texts(
    const uint8_t *, const uint8_t *, const convoy_sha256_text *, size_t, convoy_sha256_digest *) {}

#endif
