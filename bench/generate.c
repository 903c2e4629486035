/*
** Writes the documents of the benchmark to stdout, the same bytes for the same
** arguments, and what they hold to stderr.
**
**   generate users BYTES                a report of users, BrowserStack's shape
**   generate hourly BYTES               hourly usage of workspaces, Workato's
**   generate rows COUNT GROUPS FIELDS   plain rows of two names and numbers
**   generate lines COUNT GROUPS         the same, of one number, as lines
*/
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Numbers (xorshift64*), so that no library's generator matters. */

static uint64_t state = UINT64_C(0x9E3779B97F4A7C15);

static uint64_t draw(void) {
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return state * UINT64_C(2685821657736338717);
}

static unsigned below(unsigned limit) {
  return (unsigned)(((draw() >> 32) * limit) >> 32);
}

static bool chance(unsigned percent) { return below(100) < percent; }

/* Small values often, large ones seldom. */
static unsigned skewed(unsigned limit) {
  return (unsigned)((uint64_t)below(limit) * below(limit) / limit);
}

/* Output */

enum { HELD_BYTES = 1 << 20, MARGIN_BYTES = 1 << 16 };

static char held[HELD_BYTES + MARGIN_BYTES];
static size_t held_bytes;
static uint64_t written;

static void flush(void) {
  if (fwrite(held, 1, held_bytes, stdout) != held_bytes) {
    perror("generate");
    exit(1);
  }
  written += held_bytes;
  held_bytes = 0;
}

static void put_bytes(const char *bytes, size_t size) {
  memcpy(held + held_bytes, bytes, size);
  held_bytes += size;
  if (held_bytes >= HELD_BYTES) flush();
}

static void put(const char *text) { put_bytes(text, strlen(text)); }

static void put_number(uint64_t value, int width) {
  char digits[20];
  int at = 20;
  do {
    digits[--at] = (char)('0' + value % 10);
    value /= 10;
    width--;
  } while (value > 0 || width > 0);
  put_bytes(digits + at, (size_t)(20 - at));
}

static uint64_t total_bytes(void) { return written + held_bytes; }

/* Users. A name stands as JSON has it, beside its plain form for an address. */

#define COUNT(list) (sizeof(list) / sizeof *(list))

typedef struct {
  const char *shown, *plain;
} name;

static const name FIRST[] = {
  { "Ana", "ana" }, { "Björn", "bjorn" }, { "Chen", "chen" },
  { "Дарья", "darya" }, { "Emil", "emil" }, { "Fatima", "fatima" },
  { "Gül", "gul" }, { "健", "ken" }, { "Inês", "ines" }, { "João", "joao" },
  { "Kåre", "kare" }, { "L\\u00e9a", "lea" }, { "Milo", "milo" },
  { "نور", "noor" }, { "Olga", "olga" }, { "Pía", "pia" },
  { "Robert \\\"Bob\\\"", "bob" }, { "Steve", "steve" }, { "Tomasz", "tomasz" },
  { "Uma", "uma" }, { "Věra", "vera" }, { "William", "william" },
  { "Χρήστος", "christos" }, { "\\ud83d\\ude80 Zoë", "zoe" }
};

static const name LAST[] = {
  { "Novák", "novak" }, { "Smith", "smith" }, { "García", "garcia" },
  { "Müller", "mueller" }, { "Öztürk", "ozturk" }, { "Lee", "lee" },
  { "Okafor", "okafor" }, { "Rossi", "rossi" }, { "Dubois", "dubois" },
  { "Kowalski", "kowalski" }, { "Silva", "silva" }, { "Yılmaz", "yilmaz" },
  { "田中", "tanaka" }, { "O'Brien", "obrien" }, { "Иванова", "ivanova" },
  { "Johansson", "johansson" }, { "van der Berg", "vanderberg" },
  { "Nguyễn", "nguyen" }, { "Papadopoulos", "papadopoulos" },
  { "Fernandes", "fernandes" }, { "Kim", "kim" }, { "Patel", "patel" },
  { "Andersen", "andersen" }, { "Brown", "brown" }
};

static const char *const AREA[] = {
  "Checkout", "Payments", "Search", "Mobile", "Web", "Platform",
  "Growth", "Identity", "R\\u0026D", "Accessibility", "Data", "Logistics",
  "Pricing", "Support", "Loyalty", "Content", "Release", "Qualité",
  "Catalogue", "Design", "Partner", "Insurance", "Travel", "Media"
};

static const char *const SITE[] = {
  "London", "Zürich", "São Paulo", "東京", "Kraków", "Montréal", "Bengaluru",
  "Lagos"
};

enum { TEAMS = COUNT(AREA) * COUNT(SITE) };

enum { LIVE, APP_LIVE, AUTOMATE, APP_AUTOMATE, PRODUCTS };

static const char *const PRODUCT[PRODUCTS] = {
  "live_testing", "app_live_testing", "automate", "app_automate"
};

static const unsigned ACCESS_PERCENT[PRODUCTS] = { 70, 45, 60, 30 };

static struct {
  uint64_t users, tests, minutes, idle;
} totals;

static void put_moment(const char *key, bool is_null) {
  put(key);
  if (is_null) {
    put("null");
    return;
  }
  put("\"2026-");
  put_number(1 + below(6), 2);
  put("-");
  put_number(1 + below(28), 2);
  put("T");
  put_number(below(24), 2);
  put(":");
  put_number(below(60), 2);
  put(":");
  put_number(below(60), 2);
  put("+00:00\"");
}

static void put_field(const char *key, uint64_t value) {
  put(key);
  put_number(value, 1);
}

/* The parallels are the team's, the same on each of its members. */
static void put_parallels(unsigned team, int product) {
  unsigned allocated = 5 + (team * 7 + (unsigned)product * 3) % 40;
  put_field(",\"current_parallels_allocated\":", allocated);
  put_field(",\"max_parallels_used\":", allocated - team % 5);
  put(team % 3 ? ",\"parallel_consumption_type\":\"team\""
               : ",\"parallel_consumption_type\":\"org\"");
}

static void put_product(unsigned team, int product) {
  unsigned tests = skewed(3000);
  totals.tests += tests;
  put("\"");
  put(PRODUCT[product]);
  put_field("\":{\"tests_run\":", tests);
  if (product == LIVE || product == APP_LIVE) {
    unsigned minutes = skewed(9000);
    totals.minutes += minutes;
    put_field(",\"minutes_used\":", minutes);
  }
  if (product == AUTOMATE)
    put_field(",\"cypress_executions_run\":", skewed(400));
  if (product == AUTOMATE || product == APP_AUTOMATE)
    put_parallels(team, product);
  put("}");
}

static void put_products(unsigned team, const bool *access, bool is_idle) {
  const char *between = "";
  put(",\"product_data\":{");
  for (int product = 0; product < PRODUCTS; product++) {
    if (is_idle || !chance(access[product] ? 75 : 5)) continue;
    put(between);
    put_product(team, product);
    between = ",";
  }
  put("}");
}

static void put_access(bool *access) {
  const char *between = "";
  put(",\"product_access\":{");
  for (int product = 0; product < PRODUCTS; product++) {
    access[product] = chance(ACCESS_PERCENT[product]);
    put(between);
    put("\"");
    put(PRODUCT[product]);
    put(access[product] ? "\":true" : "\":false");
    between = ",";
  }
  put("}");
}

static const char *role(void) {
  unsigned of_all = below(1000);
  return of_all == 0 ? "Owner" : of_all < 40 ? "Admin" : "User";
}

static void put_person(unsigned team) {
  const name *first = &FIRST[below(COUNT(FIRST))];
  const name *last = &LAST[below(COUNT(LAST))];
  put("{\"name\":\"");
  put(first->shown);
  put(" ");
  put(last->shown);
  put("\",\"email\":\"");
  put(first->plain);
  put(".");
  put(last->plain);
  put_number(++totals.users, 1);
  put("@example.com\",\"role\":\"");
  put(role());
  put("\",\"team\":\"");
  put(AREA[team / COUNT(SITE)]);
  put(" ");
  put(SITE[team % COUNT(SITE)]);
  put("\"");
}

static void put_user(void) {
  bool access[PRODUCTS], is_idle = chance(15);
  unsigned team = skewed(TEAMS);
  put_person(team);
  put_access(access);
  put(",\"usage\":{");
  put_moment("\"last_activity\":", is_idle && chance(20));
  put_moment(",\"last_test\":", is_idle);
  put_products(team, access, is_idle);
  put("}}");
  totals.idle += is_idle;
}

static void users(uint64_t bytes) {
  put("{\"success\":true,\"message\":\"Success\",\"data\":{\"users\":[");
  while (total_bytes() < bytes) {
    if (totals.users > 0) put(",");
    put_user();
  }
  put("]}}\n");
  flush();
  fprintf(stderr, "users %" PRIu64 "\ntests %" PRIu64 "\nminutes %" PRIu64
    "\nidle %" PRIu64 "\nbytes %" PRIu64 "\n", totals.users, totals.tests,
    totals.minutes, totals.idle, written);
}

/* Workspaces, an hour each */

static void put_hour(unsigned hour) {
  put("\"2026-");
  put_number(1 + hour / 24 / 28 % 12, 2);
  put("-");
  put_number(1 + hour / 24 % 28, 2);
  put("T");
  put_number(hour % 24, 2);
  put(":00:00.000Z\"");
}

static void hourly(uint64_t bytes) {
  enum { HOURS = 28 * 24 };
  uint64_t rows = 0, tasks = 0;
  put("{\"data\":[");
  while (total_bytes() < bytes) {
    unsigned workspace = (unsigned)(rows / HOURS), hour = (unsigned)(rows % HOURS);
    unsigned recipes = skewed(40), succeeded = skewed(5000), used = skewed(90000);
    put(rows > 0 ? ",{" : "{");
    put_field("\"workspace_id\":", 4000017 + 13 * (uint64_t)workspace);
    put(",\"workspace_name\":\"");
    put(AREA[workspace % COUNT(AREA)]);
    put(" ");
    put(LAST[workspace % COUNT(LAST)].shown);
    put_field("\",\"external_id\":\"EXT-", workspace);
    put("\",\"from\":");
    put_hour(hour);
    put(",\"to\":");
    put_hour(hour + 1);
    put_field(",\"recipe_count\":", recipes);
    put_field(",\"task_count\":", used);
    put_field(",\"job_succeeded_count\":", succeeded);
    put_field(",\"job_failed_count\":", skewed(60));
    put("}");
    rows++;
    tasks += used;
  }
  put("]}\n");
  flush();
  fprintf(stderr, "rows %" PRIu64 "\ntasks %" PRIu64 "\nbytes %" PRIu64 "\n",
    rows, tasks, written);
}

/* Plain rows: GROUPS pairs of team and product, and FIELDS counts. */

static void put_row(unsigned group, unsigned fields, uint64_t *tests) {
  unsigned first = below(1000);
  *tests += first;
  put("{\"team\":\"team-");
  put_number(group / 16, 5);
  put("\",\"product\":\"product-");
  put_number(group % 16, 2);
  put_field("\",\"tests\":", first);
  for (unsigned field = 2; field <= fields; field++) {
    put(",\"f");
    put_number(field, 3);
    put_field("\":", below(1000));
  }
  put("}");
}

static void rows(uint64_t count, unsigned groups, unsigned fields) {
  uint64_t tests = 0;
  put("{\"rows\":[");
  for (uint64_t row = 0; row < count; row++) {
    if (row > 0) put(",");
    put_row(below(groups), fields, &tests);
  }
  put("]}\n");
  flush();
  fprintf(stderr, "rows %" PRIu64 "\ntests %" PRIu64 "\nbytes %" PRIu64 "\n",
    count, tests, written);
}

/* Tab-separated, what rows of one field say. */
static void lines(uint64_t count, unsigned groups) {
  for (uint64_t row = 0; row < count; row++) {
    unsigned group = below(groups);
    put("team-");
    put_number(group / 16, 5);
    put("\tproduct-");
    put_number(group % 16, 2);
    put_field("\t", below(1000));
    put("\n");
  }
  flush();
  fprintf(stderr, "rows %" PRIu64 "\nbytes %" PRIu64 "\n", count, written);
}

int main(int argc, char **argv) {
  uint64_t size = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
  if (argc == 3 && !strcmp(argv[1], "users")) users(size);
  else if (argc == 3 && !strcmp(argv[1], "hourly")) hourly(size);
  else if (argc == 5 && !strcmp(argv[1], "rows"))
    rows(size, (unsigned)atol(argv[3]), (unsigned)atol(argv[4]));
  else if (argc == 4 && !strcmp(argv[1], "lines"))
    lines(size, (unsigned)atol(argv[3]));
  else {
    fputs("usage: generate users BYTES | hourly BYTES | "
          "rows COUNT GROUPS FIELDS | lines COUNT GROUPS\n", stderr);
    return 2;
  }
  return 0;
}
