/*
** The main job by libcurl and yajl: the report goes through the parser as it
** comes, and nothing of it is kept but the sums.
*/
#include <curl/curl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

enum { PRODUCTS = 16, NAME_BYTES = 128, SLOTS = 4096 };

/* How deep the parser stands in data.users[].usage.product_data.{product}. */
enum { ROOT = 1, DATA, USERS, USER, USAGE, PRODUCT_DATA, PRODUCT };

typedef struct {
  char product[NAME_BYTES];
  int64_t tests, minutes;
  bool has_minutes;
} usage;

typedef struct {
  char name[NAME_BYTES];
  usage products[PRODUCTS];
  int count;
} team;

typedef struct {
  int depth;
  enum { OTHER, TEAM, TESTS, MINUTES } key;
  bool is_in[PRODUCT + 1]; /* on the way, by depth */
  team user;               /* the sums of the user that is being read */
  team *teams[SLOTS];
} state;

/* Sums */

static team *team_of(state *s, const char *name) {
  uint32_t hash = 2166136261u;
  for (const char *at = name; *at; at++)
    hash = (hash ^ (unsigned char)*at) * 16777619u;
  while (s->teams[hash % SLOTS] && strcmp(s->teams[hash % SLOTS]->name, name))
    hash++;
  team **slot = &s->teams[hash % SLOTS];
  if (!*slot) {
    *slot = calloc(1, sizeof **slot);
    if (!*slot) abort();
    strcpy((*slot)->name, name);
  }
  return *slot;
}

static usage *usage_of(team *of, const char *product) {
  for (int i = 0; i < of->count; i++)
    if (!strcmp(of->products[i].product, product)) return &of->products[i];
  if (of->count == PRODUCTS) abort();
  usage *added = &of->products[of->count++];
  memset(added, 0, sizeof *added);
  strcpy(added->product, product);
  return added;
}

static void add_user(state *s) {
  team *to = team_of(s, s->user.name);
  for (int i = 0; i < s->user.count; i++) {
    const usage *from = &s->user.products[i];
    usage *sum = usage_of(to, from->product);
    sum->tests += from->tests;
    sum->minutes += from->minutes;
    sum->has_minutes = sum->has_minutes || from->has_minutes;
  }
}

/* What the parser calls */

static bool is_text(const unsigned char *text, size_t size, const char *is) {
  return size == strlen(is) && !memcmp(text, is, size);
}

static void copy(char *to, const unsigned char *text, size_t size) {
  if (size >= NAME_BYTES) size = NAME_BYTES - 1;
  memcpy(to, text, size);
  to[size] = '\0';
}

static int on_key(void *context, const unsigned char *text, size_t size) {
  static const char *const WAY[] = {
    [ROOT] = "data", [DATA] = "users", [USER] = "usage", [USAGE] = "product_data"
  };
  state *s = context;
  s->key = OTHER;
  if (s->depth > PRODUCT || !s->is_in[s->depth]) return 1;
  if (s->depth == PRODUCT_DATA) {
    char product[NAME_BYTES];
    copy(product, text, size);
    usage_of(&s->user, product);
    s->is_in[PRODUCT] = true;
  } else if (s->depth == PRODUCT) {
    if (is_text(text, size, "tests_run")) s->key = TESTS;
    else if (is_text(text, size, "minutes_used")) s->key = MINUTES;
  } else {
    s->is_in[s->depth + 1] = is_text(text, size, WAY[s->depth]);
    if (s->depth == USER && is_text(text, size, "team")) s->key = TEAM;
  }
  return 1;
}

static int on_start(void *context) {
  state *s = context;
  s->depth++;
  if (s->depth == USER && s->is_in[USERS]) {
    s->is_in[USER] = true;
    s->user.count = 0;
    s->user.name[0] = '\0';
  }
  return 1;
}

static int on_end(void *context) {
  state *s = context;
  if (s->depth == USER && s->is_in[USER]) add_user(s);
  if (s->depth <= PRODUCT && s->depth > ROOT) s->is_in[s->depth] = false;
  s->depth--;
  s->key = OTHER;
  return 1;
}

static int on_string(void *context, const unsigned char *text, size_t size) {
  state *s = context;
  if (s->key == TEAM) copy(s->user.name, text, size);
  s->key = OTHER;
  return 1;
}

static int on_integer(void *context, long long value) {
  state *s = context;
  if (s->key != TESTS && s->key != MINUTES) return 1;
  usage *last = &s->user.products[s->user.count - 1];
  if (s->key == TESTS) last->tests = value;
  else last->minutes = value;
  last->has_minutes = last->has_minutes || s->key == MINUTES;
  s->key = OTHER;
  return 1;
}

static const yajl_callbacks CALLBACKS = {
  .yajl_integer = on_integer, .yajl_string = on_string, .yajl_map_key = on_key,
  .yajl_start_map = on_start, .yajl_end_map = on_end,
  .yajl_start_array = on_start, .yajl_end_array = on_end
};

/* The transfer */

static size_t feed(char *bytes, size_t size, size_t count, void *parser) {
  yajl_status status =
    yajl_parse(parser, (const unsigned char *)bytes, size * count);
  return status == yajl_status_ok ? size * count : 0;
}

static bool download(const char *url, yajl_handle parser) {
  CURL *easy = curl_easy_init();
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 512L * 1024);
  curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, feed);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, parser);
  CURLcode code = curl_easy_perform(easy);
  curl_easy_cleanup(easy);
  if (code != CURLE_OK) fprintf(stderr, "%s\n", curl_easy_strerror(code));
  return code == CURLE_OK && yajl_complete_parse(parser) == yajl_status_ok;
}

/* The table */

static int by_product(const void *a, const void *b) {
  return strcmp(((const usage *)a)->product, ((const usage *)b)->product);
}

static int by_name(const void *a, const void *b) {
  return strcmp((*(team *const *)a)->name, (*(team *const *)b)->name);
}

static void print_team(team *of) {
  qsort(of->products, (size_t)of->count, sizeof *of->products, by_product);
  for (int i = 0; i < of->count; i++) {
    const usage *sum = &of->products[i];
    printf("%s,%s,%" PRId64 ",", of->name, sum->product, sum->tests);
    if (sum->has_minutes) printf("%" PRId64, sum->minutes);
    putchar('\n');
  }
}

static void print(state *s) {
  size_t count = 0;
  for (size_t slot = 0; slot < SLOTS; slot++)
    if (s->teams[slot]) s->teams[count++] = s->teams[slot];
  qsort(s->teams, count, sizeof *s->teams, by_name);
  puts("team,product,tests,minutes");
  for (size_t i = 0; i < count; i++) print_team(s->teams[i]);
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fputs("usage: yajl URL\n", stderr);
    return 2;
  }
  static state s = { .is_in[ROOT] = true };
  curl_global_init(CURL_GLOBAL_DEFAULT);
  yajl_handle parser = yajl_alloc(&CALLBACKS, NULL, &s);
  if (!download(argv[1], parser)) return 1;
  print(&s);
  return 0;
}
