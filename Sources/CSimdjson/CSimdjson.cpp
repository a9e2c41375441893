#include "CSimdjson.h"

#include <memory>
#include <simdjson.h>

struct convoy_json_indexer {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
  size_t capacity = 0;
};

// The depth belongs to stage two, which convoy does itself; simdjson only allocates for it.
static const size_t unused_depth = 1;

extern "C" convoy_json_indexer *convoy_json_indexer_make(void) {
  return new (std::nothrow) convoy_json_indexer();
}

extern "C" void convoy_json_indexer_free(convoy_json_indexer *indexer) { delete indexer; }

static simdjson::error_code reserve(convoy_json_indexer *indexer, size_t length) {
  if (indexer->parser && length <= indexer->capacity) return simdjson::SUCCESS;
  // Growing by half keeps a run of rising sizes from allocating each time; the pages stay untouched
  // until a document is dense enough to need them.
  size_t wanted = length + length / 2 + 4096;
  if (wanted > simdjson::SIMDJSON_MAXSIZE_BYTES) wanted = length;
  indexer->parser.reset();
  indexer->capacity = 0;
  auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(
      wanted, unused_depth, indexer->parser);
  if (!error) indexer->capacity = wanted;
  return error;
}

extern "C" convoy_json_status convoy_json_index(
    convoy_json_indexer *indexer, const uint8_t *bytes, size_t length, const uint32_t **offsets,
    size_t *count) {
  *offsets = nullptr;
  *count = 0;
  if (length == 0) return CONVOY_JSON_EMPTY;
  if (reserve(indexer, length)) return CONVOY_JSON_MEMORY;
  auto error = indexer->parser->stage1(bytes, length, simdjson::stage1_mode::regular);
  switch (error) {
  case simdjson::SUCCESS:
    *offsets = indexer->parser->structural_indexes.get();
    *count = indexer->parser->n_structural_indexes;
    return CONVOY_JSON_OK;
  case simdjson::EMPTY: return CONVOY_JSON_EMPTY;
  case simdjson::UTF8_ERROR: return CONVOY_JSON_UTF8;
  case simdjson::UNCLOSED_STRING: return CONVOY_JSON_UNCLOSED_STRING;
  case simdjson::UNESCAPED_CHARS: return CONVOY_JSON_CONTROL_CHARACTER;
  case simdjson::MEMALLOC:
  case simdjson::CAPACITY: return CONVOY_JSON_MEMORY;
  default: return CONVOY_JSON_OTHER;
  }
}
