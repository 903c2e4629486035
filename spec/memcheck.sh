#!/bin/sh
# The specs that exercise C most, and the interpreter itself, under valgrind:
# no bad access, nothing lost. Says nothing where all is well.
#
#     sh spec/memcheck.sh INTERPRETER
#
# The interpreter is one that frees what it holds when it ends (UL_FREE_ALL).
# shellcheck disable=SC2317 # part calls the others
set -eu

interpreter=$1
lua=${LUA:-lua5.4}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

check() {
  valgrind --quiet --error-exitcode=99 --leak-check=full \
    --errors-for-leak-kinds=definite,indirect "$@"
}

specs() {
  check "$lua" spec/run.lua "$@"
}

runs() {
  check "$interpreter" -e 'print(1)' &&
    check "$interpreter" examples/testmu-monthly.lua \
      --replay examples/testmu-monthly.har -o "$folder/report.json" &&
    fails "$interpreter" -e 'error {}'
}

# Status 1, but not for valgrind's sake.
fails() {
  check "$@" && return 1
  [ $? -eq 1 ]
}

# Runs a part with its output kept, and shows it where the part fails.
part() {
  name=$1
  shift
  "$@" >"$folder/$name" 2>&1 || {
    cat "$folder/$name" >&2
    return 1
  }
}

# Two parts at the same time, of about the same length.
part transfers specs spec/transfer_spec.lua spec/transport/curl_spec.lua \
  spec/cassette_spec.lua spec/secret_spec.lua spec/file_spec.lua \
  spec/output_spec.lua spec/origin_spec.lua spec/terminal_spec.lua &
transfers=$!
status=0
part runs runs || status=1
part documents specs spec/json_reader_spec.lua spec/json_grammar_spec.lua \
  spec/json_encode_spec.lua spec/json_memory_spec.lua spec/time/zone_spec.lua || status=1
wait "$transfers" || status=1
exit "$status"
