#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// One reusable first stage of simdjson: it finds structure and checks UTF-8 with vector instructions.
typedef struct convoy_json_indexer convoy_json_indexer;

/// Why a document has no index. Values are stable; they are not simdjson's own.
typedef enum {
  CONVOY_JSON_OK = 0,
  CONVOY_JSON_EMPTY = 1,
  CONVOY_JSON_UTF8 = 2,
  CONVOY_JSON_UNCLOSED_STRING = 3,
  CONVOY_JSON_CONTROL_CHARACTER = 4,
  CONVOY_JSON_MEMORY = 5,
  CONVOY_JSON_OTHER = 6,
} convoy_json_status;

convoy_json_indexer *convoy_json_indexer_make(void);
void convoy_json_indexer_free(convoy_json_indexer *indexer);

/// Indexes `length` bytes, which need no padding. On CONVOY_JSON_OK `offsets` points at `count` byte
/// offsets in rising order: every one of {}[]:, and the first byte of every string, number and literal.
/// The offsets stay valid until the next call; memory grows to the largest document seen.
convoy_json_status convoy_json_index(
    convoy_json_indexer *indexer, const uint8_t *bytes, size_t length, const uint32_t **offsets,
    size_t *count);

/// The first of `bytes[from..<to]` that may be the `-`, `_`, `@`, `I` or `J` in the beginning of a secret that
/// is told by its form, going by what stands before each; `to` if there is none. One byte before `from` and
/// five from `to` on are read too.
size_t convoy_secret_anchor(const uint8_t *bytes, size_t from, size_t to);

/// Writes a bit for each byte, set for backslashes, the first byte's the lowest of the first word: 64 bytes a
/// word, the last one filled up with zeros.
void convoy_backslashes(const uint8_t *bytes, size_t length, uint64_t *words);

/// The first of `bytes[from..<to]` that a JSON string cannot hold as it is: a quote, a backslash or one below 0x20;
/// `to` if there is none.
size_t convoy_to_escape(const uint8_t *bytes, size_t from, size_t to);

#ifdef __cplusplus
}
#endif
