/*
** Many small requests by libcurl's multi interface: `multi URL COUNT IN_FLIGHT`.
** As many handles as may be in flight, each used again and again.
*/
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

static long long received;

static size_t take(char *bytes, size_t size, size_t count, void *user) {
  (void)bytes;
  (void)user;
  received += (long long)(size * count);
  return size * count;
}

static CURL *handle(const char *url) {
  CURL *easy = curl_easy_init();
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
  return easy;
}

static void check(CURL *easy, CURLcode code) {
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  if (code == CURLE_OK && status == 200) return;
  fprintf(stderr, "%s, status %ld\n", curl_easy_strerror(code), status);
  exit(1);
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fputs("usage: multi URL COUNT IN_FLIGHT\n", stderr);
    return 2;
  }
  long count = atol(argv[2]), in_flight = atol(argv[3]), begun = 0, done = 0;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURLM *multi = curl_multi_init();
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, in_flight);
  for (; begun < in_flight && begun < count; begun++)
    curl_multi_add_handle(multi, handle(argv[1]));
  while (done < count) {
    int running, left;
    curl_multi_perform(multi, &running);
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left))) {
      CURL *easy = message->easy_handle;
      check(easy, message->data.result);
      curl_multi_remove_handle(multi, easy);
      done++;
      if (begun < count) {
        begun++;
        curl_multi_add_handle(multi, easy);
      }
    }
    if (done < count) curl_multi_poll(multi, NULL, 0, 1000, NULL);
  }
  printf("%ld answers, %lld bytes\n", done, received);
  return 0;
}
