#!/usr/bin/env bash
# Counters on Erlang/OTP: run.sh prepare, or run.sh local|remote KEYS WINDOW WARM SECONDS.
set -eu
cd "$(dirname "$0")"
classes=target
if [ "$1" = prepare ]; then
  for tool in erl erlc epmd; do
    command -v "$tool" >/dev/null 2>&1 || {
      echo "$tool not found: install Erlang/OTP 25 or newer (Debian, Ubuntu: apt-get install erlang-base)"
      exit 1
    }
  done
  mkdir -p "$classes"
  erlc -o "$classes" sticky_peer.erl
  exit
fi

export ERL_CRASH_DUMP_SECONDS=0 # no dump of a node that failed
case=$1
shift
names=
server=
child=
trap 'kill -KILL $child $server $names 2>/dev/null || true' EXIT
trap 'exit 143' INT TERM

if [ "$case" = local ]; then
  erl -noshell -pa "$classes" -run sticky_peer main local "$@" &
  child=$!
  wait "$child"
  exit
fi

# A name server of our own, in the foreground: one that erl starts by itself would outlive us.
export ERL_EPMD_ADDRESS=127.0.0.1
for _ in 1 2 3 4 5 6 7 8 9 10; do
  export ERL_EPMD_PORT=$((20000 + RANDOM % 10000))
  epmd &
  names=$!
  until epmd -names >/dev/null 2>&1 || ! kill -0 "$names" 2>/dev/null; do sleep 0.05; done
  kill -0 "$names" 2>/dev/null && break
done
node() {
  exec erl -noshell -pa "$classes" -start_epmd false -kernel inet_dist_use_interface '{127,0,0,1}' \
    -name "$1@127.0.0.1" -setcookie "$cookie" -run sticky_peer "${@:2}"
}
cookie=peers$RANDOM$RANDOM
exec 3< <(node home serve)
server=$!
up=
until [ "$up" = UP ]; do
  read -r up <&3 || { echo "the other node ended while it started: $up"; exit 1; }
done
(node caller main remote home@127.0.0.1 "$@") &
child=$!
wait "$child"
