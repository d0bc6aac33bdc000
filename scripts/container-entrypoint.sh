#!/bin/sh
# What the image runs. `mock` and `relay` go straight to their programs, so that their containers hold nothing else that takes
# CPU, and listen on all interfaces, because inside a container 127.0.0.1 is reached by nobody; a later --host wins.
set -e
if [ "${1:-}" = mock ]; then
  shift
  exec node /app/mock/dist/main.js --host 0.0.0.0 "$@"
fi
if [ "${1:-}" = relay ]; then
  shift
  exec node /app/orchestrator/dist/relay/main.js --host 0.0.0.0 "$@"
fi
exec node /app/orchestrator/dist/run.js "$@"
