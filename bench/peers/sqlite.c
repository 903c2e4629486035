/*
** Group-by-sum by SQLite: `sqlite FILE`. Of rows in a table in memory; only the
** query is timed.
*/
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static sqlite3 *open_table(void) {
  sqlite3 *db;
  if (sqlite3_open(":memory:", &db) != SQLITE_OK) exit(1);
  sqlite3_exec(db, "CREATE TABLE usage (team TEXT, product TEXT, tests INTEGER)",
    NULL, NULL, NULL);
  return db;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement;
  if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK)
    return statement;
  fprintf(stderr, "%s\n", sqlite3_errmsg(db));
  exit(1);
}

static void fill(sqlite3 *db, FILE *file) {
  char team[64], product[64];
  long tests;
  sqlite3_stmt *insert = prepare(db, "INSERT INTO usage VALUES (?, ?, ?)");
  sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
  while (fscanf(file, "%63s %63s %ld", team, product, &tests) == 3) {
    sqlite3_bind_text(insert, 1, team, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(insert, 2, product, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(insert, 3, tests);
    sqlite3_step(insert);
    sqlite3_reset(insert);
  }
  sqlite3_finalize(insert);
  sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
}

int main(int argc, char **argv) {
  FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
  if (!file) {
    fputs("usage: sqlite FILE\n", stderr);
    return 2;
  }
  sqlite3 *db = open_table();
  fill(db, file);
  fclose(file);
  long long groups = 0, total = 0, most = 0;
  clock_t began = clock();
  sqlite3_stmt *query = prepare(db,
    "SELECT team, product, SUM(tests) FROM usage GROUP BY team, product");
  while (sqlite3_step(query) == SQLITE_ROW) {
    long long sum = sqlite3_column_int64(query, 2);
    groups++;
    total += sum;
    if (sum > most) most = sum;
  }
  double seconds = (double)(clock() - began) / CLOCKS_PER_SEC;
  sqlite3_finalize(query);
  sqlite3_close(db);
  printf("%lld groups, %lld in all, %lld at most\n", groups, total, most);
  fprintf(stderr, "seconds %.6f\n", seconds);
  return 0;
}
