#!/bin/sh
# Installs the packages named that are missing (Debian, Ubuntu); elsewhere
# names them. Does nothing, fast, where all are there.
set -eu

if ! command -v dpkg-query >/dev/null 2>&1; then
  echo "This system has no apt-get. Install what stands for these Debian packages:" >&2
  printf '  %s\n' "$@" >&2
  exit 1
fi

missing=
for package in "$@"; do
  state=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
  [ "$state" = "install ok installed" ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

sudo=
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null 2>&1 || {
    echo "Missing packages:$missing; run as root: apt-get install$missing" >&2
    exit 1
  }
  sudo=sudo
fi
echo "Installing:$missing"
# shellcheck disable=SC2086 # a list of names, split on purpose
$sudo env DEBIAN_FRONTEND=noninteractive sh -c \
  'apt-get update -q && apt-get install -y -q --no-install-recommends "$@"' sh $missing >/dev/null
