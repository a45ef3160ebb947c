#!/usr/bin/env bash
# Round trips of 64 bytes between two JVMs on Netty 4.2, callers on virtual threads:
# run.sh nio|epoll|io_uring plain|jdk|openssl inline|virtual WINDOW SECONDS. What Limpet's own transport does of that is
# measured by dev.limpet.transport.LoopbackBench; the figures of both are in docs/decisions/0022-transport.md.
set -eu
cd "$(dirname "$0")"
mkdir -p target
if [ ! -d target/lib ] || [ pom.xml -nt target/lib ] || [ src/main/java/peers/NettyEcho.java -nt target/lib ]; then
  rm -rf target/lib
  mvn -q -B -ntp package >target/build.log 2>&1 || {
    echo "Maven could not build it: $(grep -m 1 ERROR target/build.log) (all of it: $PWD/target/build.log)" >&2
    exit 1
  }
fi
server=
client=
trap 'kill -KILL $client $server 2>/dev/null || true' EXIT
trap 'exit 143' INT TERM
echo_on() {
  # shellcheck disable=SC2086 # several options in one variable are meant to be split
  exec "${JAVA_HOME:?set it to a JDK 25}/bin/java" -XX:+UseCompactObjectHeaders --enable-native-access=ALL-UNNAMED \
    --sun-misc-unsafe-memory-access=allow ${LIMPET_JAVA_OPTS:-} -cp 'target/classes:target/lib/*' peers.NettyEcho "$@"
}
exec 3< <(echo_on serve "$1" "$2" "$3")
server=$!
read -r _ port <&3 || { echo "the other process ended while it started"; exit 1; }
(echo_on load "$1" "$2" "$port" "$4" "$5") &
client=$!
wait "$client"
