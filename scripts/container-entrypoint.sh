#!/bin/sh
# What the image runs. `mock` goes straight to the mock, so that its container holds nothing else that takes CPU, and
# listens on all interfaces, because inside a container 127.0.0.1 is reached by nobody; a later --host wins.
set -e
if [ "${1:-}" = mock ]; then
  shift
  exec node /app/mock/dist/main.js --host 0.0.0.0 "$@"
fi
exec node /app/orchestrator/dist/run.js "$@"
