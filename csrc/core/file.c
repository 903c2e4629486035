/*
** core.file: files that are old or new and never half, and what the state
** folder needs. Failures of the system come back as nil and an error of kind
** "io" that names the path.
*/
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <limits.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "atomic.h"
#include "core.h"
#include "fail.h"
#include "io.h"
#include "sync.h"

#define PIECE_BYTES ((size_t)16 * 1024)

#define WRITER_TYPE "usagelua.writer"
#define LOCK_TYPE "usagelua.lock"
#define READER_TYPE "usagelua.descriptor"
#define FOLDER_TYPE "usagelua.folder"

static const char *checkpath(lua_State *L, int index) {
  size_t length;
  const char *path = luaL_checklstring(L, index, &length);
  luaL_argcheck(L, strlen(path) == length, index, "a path holds no NUL");
  return path;
}

/* Permissions as an octal text ("0600") or a number; absent: the old file's,
** or what the umask leaves of 0666. */
static mode_t optmode(lua_State *L, int index, mode_t absent) {
  if (lua_isnoneornil(L, index)) return absent;
  if (lua_type(L, index) == LUA_TNUMBER)
    return (mode_t)luaL_checkinteger(L, index) & 07777;
  const char *digits = luaL_checkstring(L, index);
  bool is_octal = *digits != '\0' && strlen(digits) <= 5 &&
                  digits[strspn(digits, "01234567")] == '\0';
  luaL_argcheck(L, is_octal, index, "expected permissions such as \"0600\"");
  return (mode_t)strtoul(digits, NULL, 8) & 07777;
}

static int succeed(lua_State *L) {
  lua_pushboolean(L, true);
  return 1;
}

static int done(lua_State *L, const char *what, const char *path, int error) {
  if (error != 0) return ul_fail_system(L, what, path, error);
  return succeed(L);
}

/* A userdata of `size` zero bytes with the type's metatable. */
static void *push_handle(lua_State *L, const char *type, size_t size) {
  void *handle = lua_newuserdatauv(L, size, 1);
  memset(handle, 0, size);
  luaL_setmetatable(L, type);
  return handle;
}

/* A descriptor that is closed with its handle. */
typedef struct descriptor {
  int number;
  bool is_open;
} descriptor;

static void close_descriptor(descriptor *d) {
  if (!d->is_open) return;
  d->is_open = false;
  close(d->number);
}

static int open_descriptor(descriptor *d, const char *path, int flags,
                           mode_t mode) {
  int error = ul_io_open(path, flags, mode, &d->number);
  d->is_open = error == 0;
  return error;
}

static int descriptor_close(lua_State *L) {
  close_descriptor(luaL_checkudata(L, 1, READER_TYPE));
  return 0;
}

/* Reads into the buffer up to one byte more than `max`. */
static int read_pieces(descriptor *d, luaL_Buffer *out, size_t max) {
  size_t length, total = 0;
  do {
    size_t size = PIECE_BYTES;
    if (size > max + 1 - total) size = max + 1 - total;
    int error = ul_io_read(d->number, luaL_prepbuffsize(out, size), size,
                           &length);
    if (error != 0) return error;
    luaL_addsize(out, length);
    total += length;
    if (length < size) return 0;
  } while (total <= max);
  return EFBIG;
}

static int file_read(lua_State *L) {
  luaL_Buffer out;
  const char *path = checkpath(L, 1);
  lua_Integer max = luaL_optinteger(L, 2, 64 << 20);
  luaL_argcheck(L, max >= 0 && max < INT_MAX, 2, "expected a number of bytes");
  descriptor *d = push_handle(L, READER_TYPE, sizeof *d);
  int error = open_descriptor(d, path, O_RDONLY, 0);
  if (error != 0) return ul_fail_system(L, "cannot read", path, error);
  luaL_buffinit(L, &out);
  error = read_pieces(d, &out, (size_t)max);
  luaL_pushresult(&out);
  close_descriptor(d);
  if (error == EFBIG)
    return ul_fail_push(L, "io", "%s is larger than %I bytes", path, max);
  if (error != 0) return ul_fail_system(L, "cannot read", path, error);
  return 1;
}

static ul_atomic *checkwriter(lua_State *L, bool wants_open) {
  ul_atomic *file = luaL_checkudata(L, 1, WRITER_TYPE);
  if (wants_open && !file->is_open)
    luaL_error(L, "attempt to use a closed writer");
  return file;
}

/* The path as the caller gave it is the handle's user value. */
static const char *push_writer_path(lua_State *L) {
  lua_getiuservalue(L, 1, 1);
  return lua_tostring(L, -1);
}

static int writer_write(lua_State *L) {
  size_t length;
  ul_atomic *file = checkwriter(L, true);
  const char *bytes = luaL_checklstring(L, 2, &length);
  int error = ul_atomic_write(file, bytes, length);
  return done(L, "cannot write", push_writer_path(L), error);
}

static int writer_commit(lua_State *L) {
  ul_atomic *file = checkwriter(L, true);
  const char *path = push_writer_path(L);
  return done(L, "cannot write", path, ul_atomic_commit(file));
}

static int writer_close(lua_State *L) {
  ul_atomic_abandon(checkwriter(L, false));
  return 0;
}

static int writer_tostring(lua_State *L) {
  bool is_open = checkwriter(L, false)->is_open;
  const char *path = push_writer_path(L);
  lua_pushfstring(L, "%s (%s)", WRITER_TYPE, is_open ? path : "closed");
  return 1;
}

/* Pushes a closed writer that knows its path. */
static ul_atomic *push_writer(lua_State *L, const char *path) {
  ul_atomic *file = push_handle(L, WRITER_TYPE, sizeof *file);
  lua_pushstring(L, path);
  lua_setiuservalue(L, -2, 1);
  return file;
}

static int file_writer(lua_State *L) {
  const char *path = checkpath(L, 1);
  mode_t mode = optmode(L, 2, UL_MODE_KEPT);
  int error = ul_atomic_open(push_writer(L, path), path, mode);
  if (error != 0) return ul_fail_system(L, "cannot write", path, error);
  return 1;
}

static int file_stream(lua_State *L) {
  static const char *const names[] = {"standard input", "standard output",
                                      "standard error"};
  lua_Integer number = luaL_checkinteger(L, 1);
  luaL_argcheck(L, number == 1 || number == 2, 1, "expected 1 or 2");
  ul_atomic_borrow(push_writer(L, names[number]), (int)number);
  return 1;
}

static int write_whole(ul_atomic *file, const char *path, mode_t mode,
                       const char *bytes, size_t length) {
  int error = ul_atomic_open(file, path, mode);
  if (error != 0) return error;
  error = ul_atomic_write(file, bytes, length);
  if (error == 0) return ul_atomic_commit(file);
  ul_atomic_abandon(file);
  return error;
}

static int file_write_atomic(lua_State *L) {
  size_t length;
  ul_atomic file = {0};  /* nothing raises while it is open */
  const char *path = checkpath(L, 1);
  const char *bytes = luaL_checklstring(L, 2, &length);
  mode_t mode = optmode(L, 3, UL_MODE_KEPT);
  int error = write_whole(&file, path, mode, bytes, length);
  return done(L, "cannot write", path, error);
}

static int append(const char *path, const char *bytes, size_t length,
                  mode_t mode) {
  descriptor d = {0};
  int known = ul_io_descriptor_of(path);
  if (known >= 0) return ul_io_write(known, bytes, length);
  int error =
    open_descriptor(&d, path, O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY, mode);
  if (error != 0) return error;
  error = ul_io_write(d.number, bytes, length);
  if (close(d.number) != 0 && error == 0 && errno != EINTR) error = errno;
  return error;
}

static int file_append(lua_State *L) {
  size_t length;
  const char *path = checkpath(L, 1);
  const char *bytes = luaL_checklstring(L, 2, &length);
  int error = append(path, bytes, length, optmode(L, 3, 0666));
  return done(L, "cannot write", path, error);
}

static int file_exists(lua_State *L) {
  struct stat found;
  lua_pushboolean(L, stat(checkpath(L, 1), &found) == 0);
  return 1;
}

static const char *kind_of(mode_t mode) {
  if (S_ISREG(mode)) return "file";
  if (S_ISDIR(mode)) return "folder";
  if (S_ISFIFO(mode)) return "pipe";
  if (S_ISSOCK(mode)) return "socket";
  return "device";
}

static int file_stat(lua_State *L) {
  struct stat found;
  const char *path = checkpath(L, 1);
  if (stat(path, &found) != 0)
    return ul_fail_system(L, "cannot examine", path, errno);
  lua_createtable(L, 0, 4);
  lua_pushinteger(L, (lua_Integer)found.st_size);
  lua_setfield(L, -2, "size");
  lua_pushnumber(L, (lua_Number)found.st_mtim.tv_sec +
                    (lua_Number)found.st_mtim.tv_nsec / 1e9);
  lua_setfield(L, -2, "mtime");
  lua_pushinteger(L, (lua_Integer)(found.st_mode & 07777));
  lua_setfield(L, -2, "mode");
  lua_pushstring(L, kind_of(found.st_mode));
  lua_setfield(L, -2, "kind");
  return 1;
}

/* The names in a folder, as scandir gives them. */
typedef struct folder {
  struct dirent **entries;
  int count;
} folder;

static int folder_close(lua_State *L) {
  folder *f = luaL_checkudata(L, 1, FOLDER_TYPE);
  while (f->count > 0) free(f->entries[--f->count]);
  free(f->entries);
  f->entries = NULL;
  return 0;
}

static int is_entry(const struct dirent *entry) {
  return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* By bytes: alphasort and Lua's `<` follow the locale. */
static int compare(const struct dirent **a, const struct dirent **b) {
  return strcmp((*a)->d_name, (*b)->d_name);
}

static int file_list(lua_State *L) {
  const char *path = checkpath(L, 1);
  folder *f = push_handle(L, FOLDER_TYPE, sizeof *f);
  int count = scandir(path, &f->entries, is_entry, compare);
  if (count < 0) return ul_fail_system(L, "cannot list", path, errno);
  f->count = count;
  lua_createtable(L, count, 0);
  for (int i = 0; i < count; i++) {
    lua_pushstring(L, f->entries[i]->d_name);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

static int make_folder(const char *path, mode_t mode) {
  struct stat found;
  if (mkdir(path, mode) == 0) return 0;
  int error = errno;
  if (stat(path, &found) != 0) return error;
  return S_ISDIR(found.st_mode) ? 0 : ENOTDIR;
}

static int make_folders(const char *path, mode_t mode) {
  char part[PATH_MAX];
  size_t length = strlen(path);
  if (length == 0) return ENOENT;
  if (length >= sizeof part) return ENAMETOOLONG;
  for (size_t i = 1; i <= length; i++) {
    if (path[i] != '/' && path[i] != '\0') continue;
    memcpy(part, path, i);
    part[i] = '\0';
    int error = make_folder(part, mode);
    if (error != 0) return error;
  }
  return 0;
}

static int file_mkdirs(lua_State *L) {
  const char *path = checkpath(L, 1);
  int error = make_folders(path, optmode(L, 2, 0777));
  return done(L, "cannot make the folder", path, error);
}

static int file_remove(lua_State *L) {
  const char *path = checkpath(L, 1);
  int error = remove(path) == 0 ? 0 : errno;
  return done(L, "cannot remove", path, error);
}

static int file_realpath(lua_State *L) {
  char real[PATH_MAX];
  const char *path = checkpath(L, 1);
  if (realpath(path, real) == NULL)
    return ul_fail_system(L, "cannot find", path, errno);
  lua_pushstring(L, real);
  return 1;
}

static int lock_now(const descriptor *d) {
  int result;
  do {
    result = flock(d->number, LOCK_EX | LOCK_NB);
  } while (result != 0 && errno == EINTR);
  return result == 0 ? 0 : errno;
}

/* Whether the path still names the file that was locked: its last owner may
** have removed it between our open and our lock. */
static int compare_named(const descriptor *d, const char *path, bool *is_same) {
  struct stat locked, named;
  if (fstat(d->number, &locked) != 0) return errno;
  bool is_there = stat(path, &named) == 0;
  if (!is_there && errno != ENOENT) return errno;
  *is_same = is_there && locked.st_dev == named.st_dev &&
             locked.st_ino == named.st_ino;
  return 0;
}

static int take_lock(descriptor *d, const char *path) {
  bool is_same = false;
  int error = 0;
  while (error == 0 && !is_same) {
    close_descriptor(d);
    error = open_descriptor(d, path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
    if (error == 0) error = lock_now(d);
    if (error == 0) error = compare_named(d, path, &is_same);
  }
  if (error != 0) close_descriptor(d);
  return error;
}

static int file_lock(lua_State *L) {
  const char *path = checkpath(L, 1);
  descriptor *d = push_handle(L, LOCK_TYPE, sizeof *d);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, 1);
  int error = take_lock(d, path);
  if (error == 0) return 1;
  ul_fail_system(L, "cannot lock", path, error);
  if (error == EWOULDBLOCK) {
    lua_pushfstring(L, "%s is locked by another process", path);
    lua_setfield(L, -2, "message");
  }
  return 2;
}

/* All of it behind what is there, or nothing. */
static int append_synced(int number, const char *bytes, size_t length) {
  off_t end = lseek(number, 0, SEEK_END);
  if (end < 0) return errno;
  int error = ul_io_write(number, bytes, length);
  if (error == 0) error = ul_sync_descriptor(number);
  if (error != 0 && ftruncate(number, end) == 0) lseek(number, end, SEEK_SET);
  return error;
}

static int lock_append(lua_State *L) {
  size_t length;
  const descriptor *d = luaL_checkudata(L, 1, LOCK_TYPE);
  const char *bytes = luaL_checklstring(L, 2, &length);
  if (!d->is_open) return luaL_error(L, "attempt to use a closed lock");
  lua_getiuservalue(L, 1, 1);
  const char *path = lua_tostring(L, -1);
  int error = append_synced(d->number, bytes, length);
  if (error == 0) error = ul_sync_folder_of(path);
  return done(L, "cannot write", path, error);
}

static int lock_close(lua_State *L) {
  close_descriptor(luaL_checkudata(L, 1, LOCK_TYPE));
  return 0;
}

static int lock_tostring(lua_State *L) {
  const descriptor *d = luaL_checkudata(L, 1, LOCK_TYPE);
  lua_pushfstring(L, "%s (%s)", LOCK_TYPE, d->is_open ? "held" : "closed");
  return 1;
}

static const luaL_Reg writer_methods[] = {
  {"write", writer_write},
  {"commit", writer_commit},
  {"close", writer_close},
  {NULL, NULL},
};

static const luaL_Reg lock_methods[] = {
  {"append", lock_append},
  {"close", lock_close},
  {NULL, NULL},
};

static const luaL_Reg no_methods[] = {{NULL, NULL}};

static const struct handle {
  const char *type;
  const luaL_Reg *methods;
  lua_CFunction close, tostring;
} handles[] = {
  {WRITER_TYPE, writer_methods, writer_close, writer_tostring},
  {LOCK_TYPE, lock_methods, lock_close, lock_tostring},
  {READER_TYPE, no_methods, descriptor_close, NULL},
  {FOLDER_TYPE, no_methods, folder_close, NULL},
};

static void define(lua_State *L, const struct handle *handle) {
  luaL_newmetatable(L, handle->type);
  lua_newtable(L);
  luaL_setfuncs(L, handle->methods, 0);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, handle->close);
  lua_setfield(L, -2, "__gc");
  lua_pushcfunction(L, handle->close);
  lua_setfield(L, -2, "__close");
  if (handle->tostring != NULL) {
    lua_pushcfunction(L, handle->tostring);
    lua_setfield(L, -2, "__tostring");
  }
  lua_pop(L, 1);
}

static const luaL_Reg functions[] = {
  {"append", file_append},
  {"exists", file_exists},
  {"list", file_list},
  {"lock", file_lock},
  {"mkdirs", file_mkdirs},
  {"read", file_read},
  {"realpath", file_realpath},
  {"remove", file_remove},
  {"stat", file_stat},
  {"stream", file_stream},
  {"write_atomic", file_write_atomic},
  {"writer", file_writer},
  {NULL, NULL},
};

int ul_open_file(lua_State *L) {
  for (size_t i = 0; i < sizeof handles / sizeof *handles; i++)
    define(L, &handles[i]);
  luaL_newlib(L, functions);
  return 1;
}
