#!/bin/sh
# valgrind over the specs that lead through the most C: reads of memory that is
# not ours or not set, and memory that is lost. The other specs spend their time
# in Lua, in waiting, or in other processes.
set -eu

run() {
  echo "  memcheck $1"
  valgrind --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=definite \
    --errors-for-leak-kinds=definite --child-silent-after-fork=yes \
    lua5.4 spec/run.lua "$1" >build/memcheck.log 2>&1 || {
    cat build/memcheck.log
    exit 1
  }
  tail -n 1 build/memcheck.log
}

for spec in json_spec json_encode_spec json_reader_spec file_spec origin_spec transport/curl_spec; do
  run "spec/$spec.lua"
done
