#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A text to hash: some bytes of one place, followed by some of another.
typedef struct {
  size_t head, head_length;
  size_t tail, tail_length;
} convoy_sha256_text;

/// SHA-256 (FIPS 180-4), the most significant word first.
typedef struct {
  uint64_t words[4];
} convoy_sha256_digest;

/// Whether this processor has the instructions that convoy_sha256_texts needs.
bool convoy_sha256_is_there(void);

/// Hashes `count` texts, two at a time: each step of SHA-256 waits for the one before it, and the processor
/// does another text's meanwhile. Offsets of texts are into `heads` and `tails`.
void convoy_sha256_texts(
    const uint8_t *heads, const uint8_t *tails, const convoy_sha256_text *texts, size_t count,
    convoy_sha256_digest *digests);

#ifdef __cplusplus
}
#endif
