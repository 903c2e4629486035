#!/bin/sh
# The main job by curl and jq.
set -e
curl -sSf "$1" | jq -rf "$(dirname "$0")/group.jq"
