#!/bin/sh
# run.sh HOST SECONDS [TARGET…]: each target for that long, from its corpus on;
# 0 seconds: the corpus alone. What is found is kept in build/fuzz/found.
set -eu
host=$1 seconds=$2
shift 2
if [ $# = 0 ]; then
  for file in fuzz/targets/*.lua; do
    set -- "$@" "$(basename "$file" .lua)"
  done
fi

found=build/fuzz/found
zones=build/fuzz/zoneinfo
mkdir -p "$found"

# A few time zones: looking an unknown name up among all of them is slow.
if [ ! -f "$zones/zone.tab" ]; then
  for zone in Etc/UTC Europe/Berlin Pacific/Apia America/New_York America/Sao_Paulo Asia/Kathmandu \
    Australia/Lord_Howe Africa/Monrovia; do
    mkdir -p "$zones/${zone%/*}"
    cp "/usr/share/zoneinfo/$zone" "$zones/$zone"
    grep "	$zone\\b" /usr/share/zoneinfo/zone.tab >>"$zones/zone.tab" || true
  done
fi
export TZDIR="$PWD/$zones"

# fuzz TARGET: what the host says goes to a file; only a fault is shown.
fuzz() {
  target=$1 grown=build/fuzz/corpus/$1 dictionary=fuzz/dictionaries/$1.dict
  set -- "--target=$target" "-artifact_prefix=$found/$target-" -timeout=20 -rss_limit_mb=2048 -print_final_stats=1
  if [ "$seconds" = 0 ]; then
    set -- "$@" -runs=0
  else
    mkdir -p "$grown"
    set -- "$@" "-dict=$dictionary" "-max_total_time=$seconds" -max_len=4096 -detect_leaks=0 "$grown"
  fi
  "$host" "$@" "fuzz/corpus/$target" >"build/fuzz/$target.log" 2>&1
}

for name; do
  if ! fuzz "$name"; then
    tail -n 40 "build/fuzz/$name.log" >&2
    echo "fuzz: $name failed; see build/fuzz/$name.log and $found" >&2
    exit 1
  fi
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "build/fuzz/$name.log")
  echo "  fuzz  $name: ${executions:-?} executions"
done
