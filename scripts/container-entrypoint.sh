#!/bin/sh
# What the image runs. `mock`, `relay` and `sink` go straight to their programs, so that their containers hold nothing else that takes
# CPU, and listen on all interfaces, because inside a container 127.0.0.1 is reached by nobody; a later --host wins.
# An option of the mock where no command is named is the mock's line too.
set -e
case "${1:-}" in
  -*)
    for word in "$@"; do
      case "$word" in
        --port | --port=* | --chunks | --chunks=* | --delay | --delay=* | --error-rate | --error-rate=* | -[pcde]*)
          set -- mock "$@"
          break
          ;;
      esac
    done
    ;;
esac
if [ "${1:-}" = mock ]; then
  shift
  exec node /app/mock/dist/main.js --host 0.0.0.0 "$@"
fi
if [ "${1:-}" = relay ]; then
  shift
  exec node /app/orchestrator/dist/relay/main.js --host 0.0.0.0 "$@"
fi
if [ "${1:-}" = sink ]; then
  shift
  exec node /app/orchestrator/dist/sink/main.js --host 0.0.0.0 "$@"
fi
exec node /app/orchestrator/dist/run.js "$@"
