#!/usr/bin/env bash
# The loopback limit: run.sh prepare, or run.sh remote KEYS WINDOW WARM SECONDS (KEYS means nothing here).
set -eu
cd "$(dirname "$0")"
java=${JAVA_HOME:?set it to a JDK 25}/bin/java
[ "$1" = prepare ] && exit

server=
child=
trap 'kill -KILL $server $child 2>/dev/null || true' EXIT
trap 'exit 143' INT TERM
exec 3< <(exec "$java" RawEcho.java serve)
server=$!
read -r _ port <&3 || { echo "the other process ended while it started"; exit 1; }
"$java" RawEcho.java load "$port" "$3" "$4" "$5" &
child=$!
wait "$child"
