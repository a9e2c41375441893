// The options of curl_easy_setopt by the type of their value: Swift calls no function of variable arguments.
#pragma once
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

static inline CURLcode convoy_curl_set_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode convoy_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode convoy_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode convoy_curl_set_text(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}

// CURLOPT_READFUNCTION, CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION have one form.
typedef size_t (*convoy_curl_transfer)(char *bytes, size_t size, size_t count, void *context);
static inline CURLcode convoy_curl_set_transfer(
    CURL *handle, CURLoption option, convoy_curl_transfer value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode convoy_curl_set_progress(CURL *handle, curl_xferinfo_callback value) {
  return curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, value);
}

static inline CURLcode convoy_curl_get_long(CURL *handle, CURLINFO info, long *value) {
  return curl_easy_getinfo(handle, info, value);
}

// Readies libcurl and its TLS library, which is to be done once.
static inline CURLcode convoy_curl_begin(void) { return curl_global_init(CURL_GLOBAL_ALL); }
