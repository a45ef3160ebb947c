#!/usr/bin/env bash
# Eclipse Jetty 12 as an HTTP server, for `./limpet bench http --beside bench/peers/jetty/run.sh`: the same two answers as
# dev.limpet.cli.bench.BareServer gives. Says `SERVING PORT` and lives until its input ends.
set -eu
cd "$(dirname "$0")"
mkdir -p target
if [ ! -d target/lib ] || [ pom.xml -nt target/lib ] || [ src/main/java/peers/JettyServer.java -nt target/lib ]; then
  rm -rf target/lib
  mvn -q -B -ntp package >target/build.log 2>&1 || {
    echo "Maven could not build it: $(grep -m 1 ERROR target/build.log) (all of it: $PWD/target/build.log)" >&2
    exit 1
  }
fi
# The flags that ./limpet runs nodes with, too.
# shellcheck disable=SC2086 # several options in one variable are meant to be split
exec "${JAVA_HOME:?set it to a JDK 25}/bin/java" -XX:+UseCompactObjectHeaders --enable-native-access=ALL-UNNAMED \
  --sun-misc-unsafe-memory-access=allow -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -Xmx768m ${LIMPET_JAVA_OPTS:-} \
  -cp 'target/classes:target/lib/*' peers.JettyServer
