#!/bin/sh
# run.sh HOST SECONDS [TARGET…]: each target for that long, from its corpus on;
# 0 seconds: the corpus alone. What is found is kept in build/fuzz/found.
set -eu
host=$1 seconds=$2
shift 2
[ $# -gt 0 ] || set -- $(basename -s .lua fuzz/targets/*.lua)

found=build/fuzz/found
mkdir -p "$found"
# A few time zones: looking an unknown name up among all of them is slow.
zones=build/fuzz/zoneinfo
if [ ! -f "$zones/zone.tab" ]; then
  for zone in Etc/UTC Europe/Berlin Pacific/Apia America/New_York America/Sao_Paulo Asia/Kathmandu \
    Australia/Lord_Howe Africa/Monrovia; do
    mkdir -p "$zones/${zone%/*}"
    cp "/usr/share/zoneinfo/$zone" "$zones/$zone"
    grep "	$zone\b" /usr/share/zoneinfo/zone.tab >>"$zones/zone.tab" || true
  done
fi
export TZDIR="$PWD/$zones"

limits="-timeout=20 -rss_limit_mb=2048 -max_len=8192 -print_final_stats=1"
failed=0
for target; do
  grown=build/fuzz/corpus/$target
  mkdir -p "$grown"
  dictionary=fuzz/dictionaries/$target.dict
  set -- "--target=$target" "-artifact_prefix=$found/$target-" $limits
  [ ! -f "$dictionary" ] || set -- "$@" "-dict=$dictionary"
  log=build/fuzz/$target.log
  if [ "$seconds" = 0 ]; then
    "$host" "$@" -runs=0 "fuzz/corpus/$target" >"$log" 2>&1 || failed=1
  else
    "$host" "$@" "-max_total_time=$seconds" -detect_leaks=0 "$grown" "fuzz/corpus/$target" >"$log" 2>&1 || failed=1
  fi
  if [ "$failed" = 1 ]; then
    tail -n 40 "$log" >&2
    echo "fuzz: $target failed; see $log and $found" >&2
    exit 1
  fi
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  echo "  fuzz  $target: ${executions:-?} executions"
done
