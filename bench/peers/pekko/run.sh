#!/usr/bin/env bash
# Counters on Apache Pekko Cluster Sharding: run.sh prepare, or run.sh local|remote|activate KEYS WINDOW WARM SECONDS.
set -eu
cd "$(dirname "$0")"
if [ "$1" = prepare ]; then
  command -v mvn >/dev/null 2>&1 || {
    echo "mvn not found: install Apache Maven 3.8 or newer (Debian, Ubuntu: apt-get install maven)"
    exit 1
  }
  mkdir -p target
  mvn -q -B -ntp package >target/build.log 2>&1 || {
    echo "Maven could not build it: $(grep -m 1 ERROR target/build.log) (all of it: $PWD/target/build.log)"
    exit 1
  }
  exit
fi

server=
child=
trap 'kill -KILL $child $server 2>/dev/null || true' EXIT
trap 'exit 143' INT TERM
# The flags that ./limpet runs on, too.
peer() {
  # shellcheck disable=SC2086 # several options in one variable are meant to be split
  exec "${JAVA_HOME:?set it to a JDK 25}/bin/java" -XX:+UseCompactObjectHeaders --enable-native-access=ALL-UNNAMED \
    --sun-misc-unsafe-memory-access=allow -Dorg.slf4j.simpleLogger.defaultLogLevel=warn ${LIMPET_JAVA_OPTS:-} \
    -cp 'target/classes:target/lib/*' peers.PekkoPeer "$@"
}
seed=
if [ "$1" = remote ]; then
  exec 3< <(peer serve)
  server=$!
  until [[ $seed == UP\ * ]]; do
    read -r seed <&3 || { echo "the other node ended while it started"; exit 1; }
  done
  seed=${seed#UP }
fi
(peer "$@" $seed) &
child=$!
wait "$child"
