#include "trust.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"

#define MAX_PEM_BYTES (16u << 20)
#define PIECE_BYTES 65536

/* Returns 0, or errno. */
static int append_stream(FILE *file, ul_buffer *text) {
  for (;;) {
    if (!ul_buffer_reserve(text, PIECE_BYTES)) return ENOMEM;
    size_t count = fread(text->bytes + text->length, 1, PIECE_BYTES, file);
    text->length += count;
    if (count == 0) return ferror(file) ? EIO : 0;
  }
}

static int append_file(const char *path, ul_buffer *text) {
  FILE *file = fopen(path, "rbe");
  if (file == NULL) return errno;
  int problem = append_stream(file, text);
  if (fclose(file) != 0 && problem == 0) problem = EIO;
  return problem;
}

/* Where the system keeps its authorities in one file; where it has but a
** folder, libcurl looks there besides. */
static bool append_system(ul_buffer *text, ul_failure *failure) {
  const curl_version_info_data *about = curl_version_info(CURLVERSION_NOW);
  if (about->age < CURLVERSION_SEVENTH || about->cainfo == NULL) return true;
  int problem = append_file(about->cainfo, text);
  if (problem == 0 || problem == ENOENT) return true;
  if (problem == ENOMEM) return ul_failure_memory(failure);
  return ul_failure_note(failure, "io", "ca_file",
                         "the system's certificate authorities cannot be "
                         "read from %s: %s", about->cainfo, strerror(problem));
}

/* The text ends with NUL. */
static bool holds_certificate(const char *text) {
  return strstr(text, "-----BEGIN ") != NULL;
}

static bool fail_file(ul_failure *failure, const char *path, const char *why) {
  failure->hint = "USAGELUA_CA_FILE names a PEM file of certificates";
  return ul_failure_note(failure, "usage", "ca_file",
                         "the certificate authority file %s cannot be used: %s",
                         path, why);
}

static bool read_both(ul_buffer *text, const char *path, ul_failure *failure) {
  if (!append_system(text, failure)) return false;
  int problem = ul_buffer_append(text, "\n", 1) ? 0 : ENOMEM;
  size_t start = text->length;
  if (problem == 0) problem = append_file(path, text);
  if (problem == 0 && !ul_buffer_append(text, "", 1)) problem = ENOMEM;
  if (problem == ENOMEM) return ul_failure_memory(failure);
  if (problem != 0) return fail_file(failure, path, strerror(problem));
  if (!holds_certificate(text->bytes + start))
    return fail_file(failure, path, "it holds no certificate in PEM form");
  return true;
}

bool ul_trust_load(ul_trust *trust, const char *path, ul_failure *failure) {
  ul_buffer text;
  ul_buffer_init(&text, MAX_PEM_BYTES);
  if (!read_both(&text, path, failure)) {
    ul_buffer_free(&text);
    return false;
  }
  trust->pem = text.block;  /* nothing was consumed: block is bytes */
  trust->length = text.length - 1;  /* without the NUL */
  return true;
}

CURLcode ul_trust_apply(const ul_trust *trust, CURL *easy) {
  if (trust->pem == NULL) return CURLE_OK;
  struct curl_blob blob = {.data = trust->pem, .len = trust->length,
                           .flags = CURL_BLOB_NOCOPY};
  CURLcode code = curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
  if (code == CURLE_OK)
    code = curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO_BLOB, &blob);
  return code;
}

void ul_trust_free(ul_trust *trust) {
  free(trust->pem);
  *trust = (ul_trust){0};
}
