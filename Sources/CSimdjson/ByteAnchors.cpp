#include "CSimdjson.h"

#include <cstdint>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace {

#ifdef __SSE2__

uint64_t anchors16(const uint8_t *bytes) {
  const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i *>(bytes));
  const auto are = [block](char byte) { return _mm_cmpeq_epi8(block, _mm_set1_epi8(byte)); };
  const __m128i hits =
      _mm_or_si128(_mm_or_si128(_mm_or_si128(are('-'), are('_')), _mm_or_si128(are('@'), are('I'))),
                   are('J'));
  return static_cast<uint64_t>(_mm_movemask_epi8(hits));
}

#else

uint64_t anchors16(const uint8_t *bytes) {
  uint64_t hits = 0;
  for (int place = 0; place < 16; ++place) {
    const uint8_t byte = bytes[place];
    const bool is_anchor =
        byte == '-' || byte == '_' || byte == '@' || byte == 'I' || byte == 'J';
    hits |= static_cast<uint64_t>(is_anchor) << place;
  }
  return hits;
}

#endif

}  // namespace

uint64_t convoy_secret_anchors(const uint8_t *bytes) {
  return anchors16(bytes) | anchors16(bytes + 16) << 16 | anchors16(bytes + 32) << 32 |
         anchors16(bytes + 48) << 48;
}
