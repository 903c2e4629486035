/* Kept rows, see kept.h. */
#include "kept.h"

#include <stdlib.h>
#include <string.h>

#define LIMIT_BYTES ((size_t)1 << 36)

/* Chunks are listed by their pointers. */
enum { CHUNK_BYTES = sizeof(void *) };

bool ul_kept_init(ul_kept *kept, const ul_column *columns, uint32_t count,
                  uint64_t seed) {
  *kept = (ul_kept){.columns = calloc((size_t)count + 1,
                                      sizeof *kept->columns)};
  ul_buffer_init(&kept->chunks, LIMIT_BYTES);
  if (kept->columns == NULL) return false;
  kept->column_count = count;
  for (uint32_t i = 0; i < count; i++) {
    kept->columns[i].kind = columns[i].kind;
    ul_dictionary_init(&kept->columns[i].dictionary, seed);
  }
  return true;
}

static void free_chunk(ul_kept_chunk *chunk) {
  for (uint32_t i = 0; i < chunk->columns; i++) {
    free(chunk->cells[i].codes);
    free(chunk->cells[i].figures);
  }
  free(chunk);
}

static void drop_rows(ul_kept *kept) {
  for (uint32_t i = 0; i < ul_kept_chunk_count(kept); i++)
    free_chunk(ul_kept_chunk_at(kept, i));
  ul_buffer_free(&kept->chunks);
  kept->rows = kept->cell_bytes = 0;
}

void ul_kept_free(ul_kept *kept) {
  drop_rows(kept);
  for (uint32_t i = 0; i < kept->column_count; i++)
    ul_dictionary_free(&kept->columns[i].dictionary);
  free(kept->columns);
  *kept = (ul_kept){.rows = 0};
}

/* ---- keeping ---- */

static bool are_same(const uint32_t *codes, size_t rows) {
  for (size_t i = 1; i < rows; i++)
    if (codes[i] != codes[0]) return false;
  return true;
}

static void *copy(const void *from, size_t size) {
  void *to = malloc(size);
  if (to != NULL) memcpy(to, from, size);
  return to;
}

/* Adds what the cells take to `*bytes`; false without memory. What was made
** until then is the chunk's. */
static bool fill(ul_kept_cells *cells, const ul_column *column, size_t rows,
                 size_t *bytes) {
  const uint32_t *codes = ul_column_codes(column);
  cells->code = codes[0];
  bool is_one = are_same(codes, rows);
  if (!is_one) {
    cells->codes = copy(codes, rows * sizeof *codes);
    if (cells->codes == NULL) return false;
    *bytes += rows * sizeof *codes;
  }
  if (column->kind != UL_COLUMN_NUMBER || (is_one && codes[0] == 0))
    return true;
  cells->figures = copy(ul_column_figures(column), rows * sizeof(ul_figure));
  *bytes += rows * sizeof(ul_figure);
  return cells->figures != NULL;
}

static bool add_chunk(ul_kept *kept, ul_kept_chunk *chunk, size_t bytes) {
  if (!ul_buffer_append(&kept->chunks, (const char *)&chunk, CHUNK_BYTES))
    return false;
  kept->rows += chunk->rows;
  kept->cell_bytes += bytes;
  return true;
}

/* Without rows; NULL without memory. Its size is added to `*bytes`. */
static ul_kept_chunk *new_chunk(uint32_t columns, size_t *bytes) {
  size_t size = sizeof(ul_kept_chunk) + columns * sizeof(ul_kept_cells);
  ul_kept_chunk *chunk = calloc(1, size);
  if (chunk == NULL) return NULL;
  chunk->columns = columns;
  *bytes += size;
  return chunk;
}

bool ul_kept_add(ul_kept *kept, const ul_column *columns, size_t rows) {
  if (rows == 0) return true;
  size_t bytes = 0;
  ul_kept_chunk *chunk = new_chunk(kept->column_count, &bytes);
  if (chunk == NULL) return false;
  chunk->rows = rows;
  chunk->before = kept->rows;
  bool ok = true;
  for (uint32_t i = 0; ok && i < kept->column_count; i++)
    ok = fill(&chunk->cells[i], &columns[i], rows, &bytes);
  if (ok && add_chunk(kept, chunk, bytes)) return true;
  free_chunk(chunk);
  return false;
}

bool ul_kept_add_column(ul_kept *kept, ul_column_kind kind, uint64_t seed) {
  size_t size = ((size_t)kept->column_count + 2) * sizeof *kept->columns;
  ul_kept_column *columns = realloc(kept->columns, size);
  if (columns == NULL) return false;
  kept->columns = columns;
  ul_kept_column *new = &columns[kept->column_count++];
  new->kind = kind;
  ul_dictionary_init(&new->dictionary, seed);
  return true;
}

/* ---- appending ---- */

/* What the other rows become here, while they are moved. */
typedef struct move {
  ul_kept *kept, *other;
  const uint32_t *map;
  uint32_t **codes;       /* by column of the others, of texts: ours by theirs */
  ul_kept_chunk **chunks; /* by chunk of the others: ours, empty so far */
} move;

/* The codes here of the texts there; NULL without memory. */
static uint32_t *translation(ul_dictionary *here, const ul_dictionary *there) {
  uint32_t *codes = calloc((size_t)there->count + 1, sizeof *codes);
  if (codes == NULL) return NULL;
  for (uint32_t code = 1; code <= there->count; code++) {
    size_t length;
    const char *text = ul_dictionary_text(there, code, &length);
    codes[code] = ul_dictionary_add(here, text, length);
    if (codes[code] != 0) continue;
    free(codes);
    return NULL;
  }
  return codes;
}

static bool translate_all(move *m) {
  m->codes = calloc((size_t)m->other->column_count + 1, sizeof *m->codes);
  if (m->codes == NULL) return false;
  for (uint32_t i = 0; i < m->other->column_count; i++) {
    if (m->other->columns[i].kind != UL_COLUMN_TEXT) continue;
    m->codes[i] = translation(&m->kept->columns[m->map[i]].dictionary,
                              &m->other->columns[i].dictionary);
    if (m->codes[i] == NULL) return false;
  }
  return true;
}

static bool make_chunks(move *m, size_t *bytes) {
  uint32_t count = ul_kept_chunk_count(m->other);
  m->chunks = calloc((size_t)count + 1, CHUNK_BYTES);
  if (m->chunks == NULL) return false;
  for (uint32_t i = 0; i < count; i++) {
    m->chunks[i] = new_chunk(m->kept->column_count, bytes);
    if (m->chunks[i] == NULL) return false;
  }
  return true;
}

static void free_move(move *m) {
  for (uint32_t i = 0; m->codes != NULL && i < m->other->column_count; i++)
    free(m->codes[i]);
  uint32_t count = ul_kept_chunk_count(m->other);
  for (uint32_t i = 0; m->chunks != NULL && i < count; i++)
    if (m->chunks[i] != NULL) free_chunk(m->chunks[i]);
  free(m->codes);
  free(m->chunks);
}

static void translate(ul_kept_cells *cells, const uint32_t *codes,
                      size_t rows) {
  cells->code = codes[cells->code];
  for (size_t row = 0; cells->codes != NULL && row < rows; row++)
    cells->codes[row] = codes[cells->codes[row]];
}

/* The cells go from one chunk to the other. */
static void move_chunk(const move *m, ul_kept_chunk *from, ul_kept_chunk *to) {
  to->rows = from->rows;
  to->before = m->kept->rows + from->before;
  for (uint32_t i = 0; i < from->columns; i++) {
    ul_kept_cells *cells = &to->cells[m->map[i]];
    *cells = from->cells[i];
    if (m->codes[i] != NULL) translate(cells, m->codes[i], from->rows);
  }
  free(from);
}

/* There is memory for all of it. */
static void move_rows(move *m, size_t bytes) {
  ul_kept *kept = m->kept, *other = m->other;
  uint32_t count = ul_kept_chunk_count(other);
  for (uint32_t i = 0; i < count; i++) {
    ul_kept_chunk *from = ul_kept_chunk_at(other, i);
    bytes -= sizeof *from + from->columns * sizeof(ul_kept_cells);
    move_chunk(m, from, m->chunks[i]);
    ul_buffer_append(&kept->chunks, (const char *)&m->chunks[i],
                     CHUNK_BYTES);
    m->chunks[i] = NULL;
  }
  kept->rows += other->rows;
  kept->cell_bytes += other->cell_bytes + bytes;
}

bool ul_kept_append(ul_kept *kept, ul_kept *other, const uint32_t *map) {
  move m = {.kept = kept, .other = other, .map = map};
  size_t bytes = 0;
  bool ok = translate_all(&m) && make_chunks(&m, &bytes) &&
            ul_buffer_reserve(&kept->chunks, other->chunks.length + 1);
  if (ok) move_rows(&m, bytes);
  free_move(&m);
  if (!ok) return false;
  ul_buffer_free(&other->chunks);
  other->rows = other->cell_bytes = 0;
  return true;
}

/* ---- attaching ---- */

bool ul_kept_is_parallel(const ul_kept *kept, const ul_kept *other) {
  uint32_t count = ul_kept_chunk_count(kept);
  bool is_parallel = count == ul_kept_chunk_count(other);
  for (uint32_t i = 0; is_parallel && i < count; i++)
    is_parallel =
      ul_kept_chunk_at(kept, i)->rows == ul_kept_chunk_at(other, i)->rows;
  return is_parallel;
}

/* The cells of both, which give up theirs. */
static void join_cells(ul_kept_chunk *to, ul_kept_chunk *from,
                       ul_kept_chunk *more, uint32_t first) {
  to->rows = from->rows;
  to->before = from->before;
  memcpy(to->cells, from->cells, from->columns * sizeof *to->cells);
  memcpy(to->cells + first, more->cells, more->columns * sizeof *to->cells);
  from->columns = more->columns = 0;
}

/* The columns alone; false without memory. */
static bool join_columns(ul_kept *kept, ul_kept *other) {
  size_t count = (size_t)kept->column_count + other->column_count;
  ul_kept_column *columns =
    realloc(kept->columns, (count + 1) * sizeof *columns);
  if (columns == NULL) return false;
  kept->columns = columns;
  return true;
}

static void free_chunks(ul_kept_chunk **chunks, uint32_t count) {
  for (uint32_t i = 0; chunks != NULL && i < count; i++)
    if (chunks[i] != NULL) free_chunk(chunks[i]);
  free(chunks);
}

static ul_kept_chunk **new_chunks(uint32_t count, uint32_t columns,
                                  size_t *bytes) {
  ul_kept_chunk **chunks = calloc((size_t)count + 1, CHUNK_BYTES);
  for (uint32_t i = 0; chunks != NULL && i < count; i++) {
    chunks[i] = new_chunk(columns, bytes);
    if (chunks[i] != NULL) continue;
    free_chunks(chunks, count);
    return NULL;
  }
  return chunks;
}

bool ul_kept_attach(ul_kept *kept, ul_kept *other) {
  uint32_t count = ul_kept_chunk_count(kept), width = kept->column_count;
  size_t bytes = 0;
  ul_kept_chunk **chunks =
    new_chunks(count, width + other->column_count, &bytes);
  if (chunks == NULL || !join_columns(kept, other)) {
    free_chunks(chunks, count);
    return false;
  }
  memcpy(kept->columns + width, other->columns,
         other->column_count * sizeof *other->columns);
  kept->column_count = width + other->column_count;
  other->column_count = 0;
  for (uint32_t i = 0; i < count; i++) {
    ul_kept_chunk *from = ul_kept_chunk_at(kept, i);
    join_cells(chunks[i], from, ul_kept_chunk_at(other, i), width);
    free_chunk(from);
  }
  memcpy(kept->chunks.bytes, chunks, (size_t)count * CHUNK_BYTES);
  free(chunks);
  kept->cell_bytes += other->cell_bytes - count * sizeof(ul_kept_chunk);
  drop_rows(other);
  return true;
}

/* ---- copying ---- */

static bool copy_buffer(ul_buffer *to, const ul_buffer *from) {
  return ul_buffer_append(to, from->bytes, from->length);
}

static bool copy_dictionary(ul_dictionary *to, const ul_dictionary *from) {
  ul_dictionary_init(to, from->seed);
  to->count = from->count;
  to->mask = from->mask;
  to->last = from->last;
  return copy_buffer(&to->bytes, &from->bytes) &&
         copy_buffer(&to->entries, &from->entries) &&
         copy_buffer(&to->slots, &from->slots);
}

static bool copy_columns(ul_kept *kept, const ul_kept *from,
                         const uint32_t *columns, uint32_t count) {
  kept->columns = calloc((size_t)count + 1, sizeof *kept->columns);
  ul_buffer_init(&kept->chunks, LIMIT_BYTES);
  if (kept->columns == NULL) return false;
  for (uint32_t i = 0; i < count; i++) {
    const ul_kept_column *column = &from->columns[columns[i]];
    kept->columns[i].kind = column->kind;
    kept->column_count++;
    if (!copy_dictionary(&kept->columns[i].dictionary, &column->dictionary))
      return false;
  }
  return true;
}

/* Each figure may come out as an integer or a double, so there are codes. */
static bool copy_figures(ul_kept_cells *to, const ul_kept_chunk *from,
                         uint32_t column, ul_scale scale, size_t *bytes) {
  to->codes = malloc(from->rows * sizeof *to->codes);
  to->figures = malloc(from->rows * sizeof *to->figures);
  *bytes += from->rows * (sizeof *to->codes + sizeof *to->figures);
  if (to->codes == NULL || to->figures == NULL) return false;
  for (size_t row = 0; row < from->rows; row++) {
    ul_column_value value =
      ul_figure_scale(ul_kept_value(from, column, row), scale);
    to->codes[row] = value.code;
    to->figures[row] = value.figure;
  }
  if (!are_same(to->codes, from->rows)) return true;
  to->code = to->codes[0];
  free(to->codes);
  to->codes = NULL;
  *bytes -= from->rows * sizeof *to->codes;
  return true;
}

static bool copy_cells(ul_kept_cells *to, const ul_kept_chunk *from,
                       uint32_t column, ul_scale scale, size_t *bytes) {
  if (column >= from->columns) return true;
  const ul_kept_cells *cells = &from->cells[column];
  if (cells->figures != NULL)
    return copy_figures(to, from, column, scale, bytes);
  to->code = cells->code;
  if (cells->codes == NULL) return true;
  to->codes = copy(cells->codes, from->rows * sizeof *to->codes);
  *bytes += from->rows * sizeof *to->codes;
  return to->codes != NULL;
}

static bool copy_chunk(ul_kept *kept, const ul_kept_chunk *from,
                       const uint32_t *columns, const ul_scale *scales) {
  size_t bytes = 0;
  ul_kept_chunk *chunk = new_chunk(kept->column_count, &bytes);
  if (chunk == NULL) return false;
  chunk->rows = from->rows;
  chunk->before = from->before;
  bool ok = true;
  for (uint32_t i = 0; ok && i < kept->column_count; i++)
    ok = copy_cells(&chunk->cells[i], from, columns[i], scales[i], &bytes);
  if (ok && add_chunk(kept, chunk, bytes)) return true;
  free_chunk(chunk);
  return false;
}

bool ul_kept_copy(ul_kept *kept, const ul_kept *from, const uint32_t *columns,
                  const ul_scale *scales, uint32_t count) {
  bool ok = copy_columns(kept, from, columns, count);
  for (uint32_t i = 0; ok && i < ul_kept_chunk_count(from); i++)
    ok = copy_chunk(kept, ul_kept_chunk_at(from, i), columns, scales);
  return ok;
}

/* ---- reading ---- */

static size_t dictionary_bytes(const ul_dictionary *d) {
  return d->bytes.capacity + d->entries.capacity + d->slots.capacity;
}

size_t ul_kept_bytes(const ul_kept *kept) {
  size_t bytes = sizeof *kept + kept->chunks.capacity + kept->cell_bytes +
                 kept->column_count * sizeof *kept->columns;
  for (uint32_t i = 0; i < kept->column_count; i++)
    bytes += dictionary_bytes(&kept->columns[i].dictionary);
  return bytes;
}

static bool has_row(const ul_kept_chunk *chunk, size_t row) {
  return row >= chunk->before && row - chunk->before < chunk->rows;
}

/* Most chunks are as long as the first. */
const ul_kept_chunk *ul_kept_find(const ul_kept *kept, size_t row,
                                  size_t *at) {
  uint32_t low = 0, high = ul_kept_chunk_count(kept);
  size_t likely = row / ul_kept_chunk_at(kept, 0)->rows;
  if (likely < high &&
      has_row(ul_kept_chunk_at(kept, (uint32_t)likely), row)) {
    low = (uint32_t)likely;
    high = low + 1;
  }
  while (high - low > 1) {
    uint32_t middle = low + (high - low) / 2;
    if (ul_kept_chunk_at(kept, middle)->before <= row)
      low = middle;
    else
      high = middle;
  }
  const ul_kept_chunk *chunk = ul_kept_chunk_at(kept, low);
  *at = row - chunk->before;
  return chunk;
}
