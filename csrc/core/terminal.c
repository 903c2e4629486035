/* core.terminal: what stands at the other end, and how wide text is there. */
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cells.h"
#include "core.h"

#define CELLS_MAX 10000

static int terminal_isatty(lua_State *L) {
  lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)));
  return 1;
}

/* COLUMNS or LINES as the user set it; 0 where it is no such number. */
static int wanted(const char *name) {
  const char *text = getenv(name);
  if (text == NULL || *text == '\0' || strlen(text) > 5) return 0;
  if (text[strspn(text, "0123456789")] != '\0') return 0;
  int cells = atoi(text);
  return cells <= CELLS_MAX ? cells : 0;
}

static struct winsize size_of(lua_State *L) {
  struct winsize size = {0};
  int descriptor = (int)luaL_checkinteger(L, 1);
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0)
    size = (struct winsize){0};
  return size;
}

/* Pushes the number, or what the variable says where it is 0, or nil. */
static int push_cells(lua_State *L, int cells, const char *variable) {
  if (cells == 0) cells = wanted(variable);
  if (cells > 0)
    lua_pushinteger(L, cells);
  else
    lua_pushnil(L);
  return 1;
}

static int terminal_columns(lua_State *L) {
  return push_cells(L, size_of(L).ws_col, "COLUMNS");
}

static int terminal_rows(lua_State *L) {
  return push_cells(L, size_of(L).ws_row, "LINES");
}

static int terminal_width(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  lua_pushinteger(L, (lua_Integer)ul_cells_width(text, length));
  return 1;
}

static int terminal_cut(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  lua_Integer cells = luaL_checkinteger(L, 2);
  luaL_argcheck(L, cells >= 0, 2, "expected a number of cells");
  size_t kept = ul_cells_cut(text, length, (size_t)cells);
  lua_settop(L, 1);
  if (kept < length) lua_pushlstring(L, text, kept);
  return 1;
}

static const luaL_Reg functions[] = {
  {"columns", terminal_columns},
  {"cut", terminal_cut},
  {"isatty", terminal_isatty},
  {"rows", terminal_rows},
  {"width", terminal_width},
  {NULL, NULL},
};

int ul_open_terminal(lua_State *L) {
  luaL_newlib(L, functions);
  return 1;
}
