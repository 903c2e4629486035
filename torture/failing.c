/*
** Calls that fail when they are told to, for `make torture` and the specs of
** scarce memory. Loaded before the C library (LD_PRELOAD) it stands in for the
** calls of the program itself and of Lua, never for those of other libraries:
**
**   TORTURE=FAMILY[/NAME]:N:HOW:ERROR
**                                the N-th call of a family, or of one of its
**                                functions, fails: "once", "twice" (the next
**                                one too) or "on" (all that follow). N = 0
**                                fails none.
**   TORTURE_REPORT=FILE          the calls of the family by name, the one that
**                                failed, and at the end what was not given
**                                back.
**
** Families: lua (Lua's allocator), memory, curl, files. ERROR is the number
** that the call gives (errno, CURLcode, ...), or -1: a read or write of a
** part only. As a Lua module, failing(n, "once" | "twice" | "on") lets the n-th
** allocation from now fail, whoever asks for it; failing() ends that and gives
** the number of failures, and how many blocks are held by others than Lua.
*/
#define _GNU_SOURCE
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <limits.h>
#include <link.h>
#include <lua.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

#define API __attribute__((visibility("default")))
#define CALLER __builtin_return_address(0)
#define PART (-1)
#define REPORT_MIN_FD 200
#define HELD_MAX ((size_t)1 << 16)
#define EARLY_BYTES ((size_t)1 << 20)
#define EARLY_HEADER 16

/* ---- what is to fail ---- */

static struct {
  char family[16], function[32]; /* an empty one is any */
  long at;
  bool for_good, twice;
  int error;
  int report;
  atomic_long calls;
  _Atomic(const char *) failed;
  bool has_begun;
} plan = {.report = -1};

static _Thread_local bool is_inside;    /* of a call of ours */
static _Thread_local bool is_in_lua;    /* Lua's allocator asks */

/* Where the program and Lua lie. */
typedef struct range {
  uintptr_t from, to;
} range;

static range own[2];
static unsigned own_count;

static bool is_own(const void *caller) {
  uintptr_t at = (uintptr_t)caller;
  for (unsigned i = 0; i < own_count; i++)
    if (at >= own[i].from && at < own[i].to) return true;
  return false;
}

static int note_object(struct dl_phdr_info *info, size_t size, void *unused) {
  (void)size;
  (void)unused;
  bool is_program = own_count == 0;
  if (!is_program && strstr(info->dlpi_name, "liblua") == NULL) return 0;
  if (own_count == 2) return 0;
  range *r = &own[own_count++];
  *r = (range){.from = UINTPTR_MAX};
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *header = &info->dlpi_phdr[i];
    uintptr_t from = info->dlpi_addr + header->p_vaddr;
    if (header->p_type != PT_LOAD) continue;
    if (from < r->from) r->from = from;
    if (from + header->p_memsz > r->to) r->to = from + header->p_memsz;
  }
  return 0;
}

static void report(const char *format, ...) {
  char line[160];
  va_list arguments;
  if (plan.report < 0) return;
  va_start(arguments, format);
  int length = vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  ssize_t ignored = write(plan.report, line, (size_t)length);
  (void)ignored;
}

/* Whether this call is the one. */
static bool counts_to(const char *family, const char *name,
                      const void *caller) {
  if (!plan.has_begun || is_inside || strcmp(plan.family, family) != 0)
    return false;
  if (caller != NULL && !is_own(caller)) return false;
  if (plan.function[0] != '\0' && strcmp(plan.function, name) != 0)
    return false;
  long number = atomic_fetch_add(&plan.calls, 1) + 1;
  is_inside = true;
  if (plan.at == 0 && strcmp(family, "lua") != 0)
    report("call %s\n", name);
  bool fails = plan.at > 0 && (number == plan.at ||
    (number == plan.at + 1 && plan.twice) ||
    (number > plan.at && plan.for_good));
  if (fails && plan.failed == NULL) {
    plan.failed = name;
    report("failed %s %#lx\n", name,
           caller != NULL ? (long)((uintptr_t)caller - own[0].from) : 0L);
  }
  is_inside = false;
  return fails;
}

/* ---- the functions behind these ---- */

/* In a Lua that loads us into its own modules libcurl is not in sight. */
static int find_in_libcurl(struct dl_phdr_info *info, size_t size, void *at) {
  (void)size;
  if (strstr(info->dlpi_name, "libcurl") == NULL) return 0;
  void *library = dlopen(info->dlpi_name, RTLD_LAZY | RTLD_NOLOAD);
  void **place = at;
  *place = dlsym(library, *place);
  dlclose(library);
  return 1;
}

static void *find_next(const char *name, void **known) {
  if (*known != NULL) return *known;
  void *found = dlsym(RTLD_NEXT, name);
  if (found == NULL) {
    memcpy(&found, &name, sizeof found);
    dl_iterate_phdr(find_in_libcurl, &found);
  }
  *known = found;
  return found;
}

/* The next function of this name; looked up once. */
#define NEXT(name) \
  __extension__({ \
    static void *known_##name; \
    (__typeof__(&name))find_next(#name, &known_##name); \
  })

#define FAILS(family, name) counts_to(family, name, CALLER)

/* ---- what has to be given back ---- */

typedef struct held {
  uintptr_t key;
  const char *what;
  uintptr_t caller;
} held;

static held table[HELD_MAX];
static atomic_flag table_lock = ATOMIC_FLAG_INIT;

static void lock(void) {
  while (atomic_flag_test_and_set(&table_lock)) {}
}

static void unlock(void) { atomic_flag_clear(&table_lock); }

static size_t place_of(uintptr_t key) {
  return (size_t)((key >> 3) * UINT64_C(0x9E3779B97F4A7C15) >> 40) % HELD_MAX;
}

/* Descriptors have keys of their own, below all addresses. */
static void hold(uintptr_t key, const char *what, const void *caller) {
  if (!plan.has_begun || key == 0 || is_in_lua || !is_own(caller)) return;
  lock();
  size_t at = place_of(key);
  while (table[at].key != 0 && table[at].key != key)
    at = (at + 1) % HELD_MAX;
  table[at] = (held){key, what, (uintptr_t)caller - own[0].from};
  unlock();
}

static void give_back(uintptr_t key) {
  if (!plan.has_begun || key == 0) return;
  lock();
  size_t hole = place_of(key);
  while (table[hole].key != 0 && table[hole].key != key)
    hole = (hole + 1) % HELD_MAX;
  if (table[hole].key == key) {
    size_t at = hole;
    for (;;) {
      at = (at + 1) % HELD_MAX;
      if (table[at].key == 0) break;
      size_t home = place_of(table[at].key);
      bool may_move = hole <= at ? home <= hole || home > at
                                 : home <= hole && home > at;
      if (!may_move) continue;
      table[hole] = table[at];
      hole = at;
    }
    table[hole] = (held){0};
  }
  unlock();
}

#define HOLD(key, what) hold((uintptr_t)(key), what, CALLER)
#define GIVE_BACK(key) give_back((uintptr_t)(key))

static int hold_descriptor(int descriptor, const void *caller) {
  if (descriptor >= 0) hold((uintptr_t)descriptor + 1, "descriptor", caller);
  return descriptor;
}

/* ---- memory ---- */

/* Of the Lua module: calls that still succeed; below 0: all do. Then so many
** fail. */
static long left = -1;
static long failing_left;
static long failures;
static atomic_long others; /* blocks that Lua did not ask for, once it is known */

static void count_others(const void *caller, int change) {
  if (own_count > 0 && !plan.has_begun && !is_own(caller)) others += change;
}

static void *taken_by(void *block, const void *caller) {
  if (block != NULL) count_others(caller, 1);
  return block;
}

/* Before begin() the next malloc must not be looked for: a sanitizer's, and
** its dlsym, are not there yet. Each block bears its size. */
static _Alignas(16) char early[EARLY_BYTES];
static size_t early_used;
static bool is_ready;

static bool is_early(const void *block) {
  const char *at = block;
  return at >= early && at < early + EARLY_BYTES;
}

static void *take_early(size_t size) {
  size_t whole = EARLY_HEADER + ((size + 15) & ~(size_t)15);
  if (early_used + whole > EARLY_BYTES) return NULL;
  char *block = early + early_used + EARLY_HEADER;
  early_used += whole;
  memcpy(block - EARLY_HEADER, &size, sizeof size);
  return block;
}

static void *grow_early(const void *block, size_t size) {
  void *grown = malloc(size);
  size_t old_size = 0;
  if (block != NULL)
    memcpy(&old_size, (const char *)block - EARLY_HEADER, sizeof old_size);
  if (grown != NULL && block != NULL)
    memcpy(grown, block, old_size < size ? old_size : size);
  return grown;
}

static bool is_scarce(void) {
  if (left < 0) return false;
  if (left > 0) {
    left--;
    return false;
  }
  if (--failing_left == 0) left = -1;
  failures++;
  return true;
}

static bool lacks(const char *name, const void *caller) {
  bool fails = is_scarce() ||
               (!is_in_lua && counts_to("memory", name, caller));
  if (fails) errno = ENOMEM;
  return fails;
}

API void *malloc(size_t size) {
  if (!is_ready) return take_early(size);
  if (lacks("malloc", CALLER)) return NULL;
  void *block = taken_by(NEXT(malloc)(size), CALLER);
  HOLD(block, "malloc");
  return block;
}

API void *calloc(size_t count, size_t size) {
  if (!is_ready) return take_early(count * size);
  if (lacks("calloc", CALLER)) return NULL;
  void *block = taken_by(NEXT(calloc)(count, size), CALLER);
  HOLD(block, "calloc");
  return block;
}

API void *realloc(void *block, size_t size) {
  if (!is_ready || is_early(block)) return grow_early(block, size);
  if (size > 0 && lacks("realloc", CALLER)) return NULL;
  GIVE_BACK(block);
  void *grown = NEXT(realloc)(block, size);
  if (block == NULL) taken_by(grown, CALLER);
  HOLD(grown, "realloc");
  return grown;
}

API void free(void *block) {
  if (block == NULL || is_early(block)) return;
  GIVE_BACK(block);
  count_others(CALLER, -1);
  NEXT(free)(block);
}

API char *strdup(const char *text) {
  if (lacks("strdup", CALLER)) return NULL;
  size_t size = strlen(text) + 1;
  char *copy = is_ready ? taken_by(NEXT(malloc)(size), CALLER)
                        : take_early(size);
  if (copy != NULL) memcpy(copy, text, size);
  HOLD(copy, "strdup");
  return copy;
}

/* Lua's allocator of this state, and its data. */
typedef struct allocator {
  lua_Alloc next;
  void *data;
} allocator;

static allocator allocators[8];
static unsigned allocator_count;

/* The data stays what the state was made with: the program asks for it. */
static void *allocate(void *data, void *block, size_t old_size,
                      size_t new_size) {
  const allocator *a = allocators;
  while (a->data != data) a++;
  bool grows = new_size > 0 && (block == NULL || new_size > old_size);
  if (grows && counts_to("lua", "allocation", NULL)) return NULL;
  is_in_lua = true;
  void *grown = a->next(data, block, old_size, new_size);
  is_in_lua = false;
  return grown;
}

API lua_State *lua_newstate(lua_Alloc next, void *data) {
  unsigned number = allocator_count++;
  allocators[number] = (allocator){next, data};
  return NEXT(lua_newstate)(allocate, data);
}

/* ---- libcurl ---- */

#define CURL_FAILS(name) FAILS("curl", name)

API CURLcode curl_global_init(long flags) {
  if (CURL_FAILS("curl_global_init")) return (CURLcode)plan.error;
  return NEXT(curl_global_init)(flags);
}

API CURL *curl_easy_init(void) {
  if (CURL_FAILS("curl_easy_init")) return NULL;
  CURL *easy = NEXT(curl_easy_init)();
  HOLD(easy, "easy handle");
  return easy;
}

API void curl_easy_cleanup(CURL *easy) {
  GIVE_BACK(easy);
  NEXT(curl_easy_cleanup)(easy);
}

/* Each value is as wide as a pointer. */
API CURLcode curl_easy_setopt(CURL *easy, CURLoption option, ...) {
  va_list arguments;
  va_start(arguments, option);
  void *value = va_arg(arguments, void *);
  va_end(arguments);
  if (CURL_FAILS("curl_easy_setopt")) return (CURLcode)plan.error;
  return NEXT(curl_easy_setopt)(easy, option, value);
}

API CURLcode curl_easy_getinfo(CURL *easy, CURLINFO info, ...) {
  va_list arguments;
  va_start(arguments, info);
  void *value = va_arg(arguments, void *);
  va_end(arguments);
  if (CURL_FAILS("curl_easy_getinfo")) return (CURLcode)plan.error;
  return NEXT(curl_easy_getinfo)(easy, info, value);
}

API CURLcode curl_easy_pause(CURL *easy, int mask) {
  if (CURL_FAILS("curl_easy_pause")) return (CURLcode)plan.error;
  return NEXT(curl_easy_pause)(easy, mask);
}

API CURLM *curl_multi_init(void) {
  if (CURL_FAILS("curl_multi_init")) return NULL;
  CURLM *multi = NEXT(curl_multi_init)();
  HOLD(multi, "multi handle");
  return multi;
}

API CURLMcode curl_multi_cleanup(CURLM *multi) {
  GIVE_BACK(multi);
  return NEXT(curl_multi_cleanup)(multi);
}

API CURLMcode curl_multi_setopt(CURLM *multi, CURLMoption option, ...) {
  va_list arguments;
  va_start(arguments, option);
  void *value = va_arg(arguments, void *);
  va_end(arguments);
  if (CURL_FAILS("curl_multi_setopt")) return (CURLMcode)plan.error;
  return NEXT(curl_multi_setopt)(multi, option, value);
}

API CURLMcode curl_multi_add_handle(CURLM *multi, CURL *easy) {
  if (CURL_FAILS("curl_multi_add_handle")) return (CURLMcode)plan.error;
  return NEXT(curl_multi_add_handle)(multi, easy);
}

API CURLMcode curl_multi_remove_handle(CURLM *multi, CURL *easy) {
  if (CURL_FAILS("curl_multi_remove_handle")) return (CURLMcode)plan.error;
  return NEXT(curl_multi_remove_handle)(multi, easy);
}

API CURLMcode curl_multi_socket_action(CURLM *multi, curl_socket_t socket_fd,
                                       int events, int *running) {
  if (CURL_FAILS("curl_multi_socket_action")) return (CURLMcode)plan.error;
  return NEXT(curl_multi_socket_action)(multi, socket_fd, events, running);
}

/* A message that is not told now is told later. */
API CURLMsg *curl_multi_info_read(CURLM *multi, int *count) {
  if (CURL_FAILS("curl_multi_info_read")) return NULL;
  return NEXT(curl_multi_info_read)(multi, count);
}

API struct curl_slist *curl_slist_append(struct curl_slist *list,
                                         const char *text) {
  if (CURL_FAILS("curl_slist_append")) return NULL;
  struct curl_slist *grown = NEXT(curl_slist_append)(list, text);
  if (list == NULL) HOLD(grown, "list of fields");
  return grown;
}

API void curl_slist_free_all(struct curl_slist *list) {
  GIVE_BACK(list);
  NEXT(curl_slist_free_all)(list);
}

API CURLU *curl_url(void) {
  if (CURL_FAILS("curl_url")) return NULL;
  CURLU *url = NEXT(curl_url)();
  HOLD(url, "url handle");
  return url;
}

API void curl_url_cleanup(CURLU *url) {
  GIVE_BACK(url);
  NEXT(curl_url_cleanup)(url);
}

API CURLUcode curl_url_set(CURLU *url, CURLUPart part, const char *text,
                           unsigned flags) {
  if (CURL_FAILS("curl_url_set")) return (CURLUcode)plan.error;
  return NEXT(curl_url_set)(url, part, text, flags);
}

#if LIBCURL_VERSION_NUM >= 0x080000
#define READ_URL const CURLU
#else
#define READ_URL CURLU
#endif

API CURLUcode curl_url_get(READ_URL *url, CURLUPart part, char **text,
                           unsigned flags) {
  if (CURL_FAILS("curl_url_get")) return (CURLUcode)plan.error;
  CURLUcode code = NEXT(curl_url_get)(url, part, text, flags);
  if (code == CURLUE_OK) HOLD(*text, "part of a url");
  return code;
}

API void curl_free(void *text) {
  GIVE_BACK(text);
  NEXT(curl_free)(text);
}

/* ---- files ---- */

static int refuse(void) {
  errno = plan.error;
  return -1;
}

#define FILES_FAIL(name) FAILS("files", name)

API int open(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = va_arg(arguments, mode_t);
  va_end(arguments);
  if (FILES_FAIL("open")) return refuse();
  return hold_descriptor(NEXT(open)(path, flags, mode), CALLER);
}

/* What is closed with an error is closed all the same. */
API int close(int descriptor) {
  bool fails = FILES_FAIL("close");
  GIVE_BACK((uintptr_t)descriptor + 1);
  int result = NEXT(close)(descriptor);
  return fails ? refuse() : result;
}

static size_t part_of(size_t count) { return count > 1 ? count / 2 : count; }

API ssize_t read(int descriptor, void *bytes, size_t count) {
  if (FILES_FAIL("read")) {
    if (plan.error != PART) return refuse();
    count = part_of(count);
  }
  return NEXT(read)(descriptor, bytes, count);
}

API ssize_t write(int descriptor, const void *bytes, size_t count) {
  if (FILES_FAIL("write")) {
    if (plan.error != PART) return refuse();
    count = part_of(count);
  }
  return NEXT(write)(descriptor, bytes, count);
}

API int fsync(int descriptor) {
  return FILES_FAIL("fsync") ? refuse() : NEXT(fsync)(descriptor);
}

API int ftruncate(int descriptor, off_t length) {
  return FILES_FAIL("ftruncate") ? refuse()
                                 : NEXT(ftruncate)(descriptor, length);
}

API off_t lseek(int descriptor, off_t offset, int whence) {
  return FILES_FAIL("lseek") ? refuse()
                             : NEXT(lseek)(descriptor, offset, whence);
}

API int fchmod(int descriptor, mode_t mode) {
  return FILES_FAIL("fchmod") ? refuse() : NEXT(fchmod)(descriptor, mode);
}

API int flock(int descriptor, int operation) {
  return FILES_FAIL("flock") ? refuse() : NEXT(flock)(descriptor, operation);
}

API int fcntl(int descriptor, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void *value = va_arg(arguments, void *);
  va_end(arguments);
  bool duplicates = command == F_DUPFD_CLOEXEC;
  if (duplicates && FILES_FAIL("fcntl")) return refuse();
  int result = NEXT(fcntl)(descriptor, command, value);
  return duplicates ? hold_descriptor(result, CALLER) : result;
}

API int rename(const char *from, const char *to) {
  return FILES_FAIL("rename") ? refuse() : NEXT(rename)(from, to);
}

API int unlink(const char *path) {
  return FILES_FAIL("unlink") ? refuse() : NEXT(unlink)(path);
}

API int remove(const char *path) {
  return FILES_FAIL("remove") ? refuse() : NEXT(remove)(path);
}

API int mkdir(const char *path, mode_t mode) {
  return FILES_FAIL("mkdir") ? refuse() : NEXT(mkdir)(path, mode);
}

API int stat(const char *path, struct stat *found) {
  return FILES_FAIL("stat") ? refuse() : NEXT(stat)(path, found);
}

API int fstat(int descriptor, struct stat *found) {
  return FILES_FAIL("fstat") ? refuse() : NEXT(fstat)(descriptor, found);
}

API int access(const char *path, int mode) {
  return FILES_FAIL("access") ? refuse() : NEXT(access)(path, mode);
}

API ssize_t readlink(const char *path, char *target, size_t size) {
  return FILES_FAIL("readlink") ? refuse()
                                : NEXT(readlink)(path, target, size);
}

API char *__realpath_chk(const char *path, char *real, size_t size);

API char *__realpath_chk(const char *path, char *real, size_t size) {
  if (!FILES_FAIL("realpath")) return NEXT(__realpath_chk)(path, real, size);
  refuse();
  return NULL;
}

API int scandir(const char *path, struct dirent ***entries,
                int (*filter)(const struct dirent *),
                int (*compare)(const struct dirent **,
                               const struct dirent **)) {
  if (FILES_FAIL("scandir")) return refuse();
  return NEXT(scandir)(path, entries, filter, compare);
}

API int pipe2(int ends[2], int flags) {
  return FILES_FAIL("pipe2") ? refuse() : NEXT(pipe2)(ends, flags);
}

API int poll(struct pollfd *fds, nfds_t count, int timeout_ms) {
  return FILES_FAIL("poll") ? refuse() : NEXT(poll)(fds, count, timeout_ms);
}

API ssize_t getrandom(void *bytes, size_t length, unsigned flags) {
  return FILES_FAIL("getrandom") ? refuse()
                                 : NEXT(getrandom)(bytes, length, flags);
}

API int getentropy(void *bytes, size_t length) {
  return FILES_FAIL("getentropy") ? refuse()
                                  : NEXT(getentropy)(bytes, length);
}

API int gethostname(char *name, size_t length) {
  return FILES_FAIL("gethostname") ? refuse()
                                   : NEXT(gethostname)(name, length);
}

API int socket(int domain, int type, int protocol) {
  return FILES_FAIL("socket") ? refuse() : NEXT(socket)(domain, type, protocol);
}

API ssize_t recv(int descriptor, void *bytes, size_t length, int flags) {
  return FILES_FAIL("recv") ? refuse()
                            : NEXT(recv)(descriptor, bytes, length, flags);
}

/* Gives the number itself. */
API int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                       void *(*run)(void *), void *data) {
  if (FILES_FAIL("pthread_create")) return plan.error;
  return NEXT(pthread_create)(thread, attributes, run, data);
}

/* ---- streams, of the program and of Lua's io ---- */

static void mark(FILE *stream) { stream->_flags |= 0x20; /* _IO_ERR_SEEN */ }

static FILE *no_stream(void) {
  errno = plan.error;
  return NULL;
}

static int spoil(FILE *stream) {
  mark(stream);
  errno = plan.error;
  return EOF;
}

API FILE *fopen(const char *path, const char *mode) {
  return FILES_FAIL("fopen") ? no_stream() : NEXT(fopen)(path, mode);
}

API FILE *fopen64(const char *path, const char *mode) {
  return FILES_FAIL("fopen") ? no_stream() : NEXT(fopen64)(path, mode);
}

API int fclose(FILE *stream) {
  bool fails = FILES_FAIL("fclose");
  int result = NEXT(fclose)(stream);
  return fails ? refuse() : result;
}

API size_t fread(void *bytes, size_t size, size_t count, FILE *stream) {
  if (!FILES_FAIL("fread")) return NEXT(fread)(bytes, size, count, stream);
  spoil(stream);
  return 0;
}

API char *fgets(char *line, int size, FILE *stream) {
  if (!FILES_FAIL("fgets")) return NEXT(fgets)(line, size, stream);
  spoil(stream);
  return NULL;
}

API size_t fwrite(const void *bytes, size_t size, size_t count,
                  FILE *stream) {
  if (!FILES_FAIL("fwrite")) return NEXT(fwrite)(bytes, size, count, stream);
  spoil(stream);
  return 0;
}

API int fflush(FILE *stream) {
  return FILES_FAIL("fflush") ? spoil(stream) : NEXT(fflush)(stream);
}

/* ---- beginning and end ---- */

static bool read_plan(const char *text) {
  char how[16] = "once", what[64];
  if (sscanf(text, "%63[^:]:%ld:%15[^:]:%d", what, &plan.at, how,
             &plan.error) < 2)
    return false;
  sscanf(what, "%15[^/]/%31s", plan.family, plan.function);
  plan.for_good = strcmp(how, "on") == 0;
  plan.twice = strcmp(how, "twice") == 0;
  return true;
}

static int open_report(void) {
  const char *path = getenv("TORTURE_REPORT");
  if (path == NULL) return -1;
  int opened = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  int moved = fcntl(opened, F_DUPFD_CLOEXEC, REPORT_MIN_FD);
  close(opened);
  return moved;
}

__attribute__((constructor)) static void begin(void) {
  is_ready = true;
  const char *text = getenv("TORTURE");
  if (text == NULL || !read_plan(text)) return;
  dl_iterate_phdr(note_object, NULL);
  plan.report = open_report();
  plan.has_begun = true;
}

/* With the function, where the program exports it. */
static void report_held(const held *one) {
  Dl_info info;
  const void *caller = (const void *)(own[0].from + one->caller);
  bool is_named = dladdr(caller, &info) != 0 && info.dli_sname != NULL;
  report("held %s %#lx %s\n", one->what, (long)one->caller,
         is_named ? info.dli_sname : "-");
}

__attribute__((destructor)) static void end(void) {
  if (!plan.has_begun) return;
  plan.has_begun = false;
  report("calls %ld\n", (long)plan.calls);
  for (size_t i = 0; i < HELD_MAX; i++)
    if (table[i].key != 0) report_held(&table[i]);
  report("end\n");
}

/* ---- as a Lua module ---- */

static int failing(lua_State *L) {
  left = -1; /* what the arguments need is granted */
  lua_Integer calls = luaL_optinteger(L, 1, 0);
  const char *how = luaL_optstring(L, 2, "on");
  lua_pushinteger(L, failures);
  lua_pushinteger(L, others);
  failures = 0;
  failing_left = strcmp(how, "once") == 0    ? 1
                 : strcmp(how, "twice") == 0 ? 2
                                             : LONG_MAX;
  left = (long)calls - 1;
  return 2;
}

API int luaopen_failing(lua_State *L);

API int luaopen_failing(lua_State *L) {
  if (own_count == 0) dl_iterate_phdr(note_object, NULL);
  lua_pushcfunction(L, failing);
  return 1;
}
