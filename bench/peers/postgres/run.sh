#!/usr/bin/env bash
# Small transactions on PostgreSQL, the yardstick for saved calls: run.sh prepare, or
# run.sh durable KEYS WINDOW WARM SECONDS (KEYS and WINDOW mean nothing here: pgbench's own tables, 16 clients).
# A private server with its default settings (fsync on), its data in a temporary folder, reached over a Unix socket.
set -eu
clients=16
scale=10
one_seconds_max=5

# The newest of the usual folders that holds all that is needed, else the PATH.
bin=
for folder in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql@*/bin \
  "$(dirname "$(command -v initdb || echo /nowhere/initdb)")"; do
  if [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ] && [ -x "$folder/pgbench" ]; then bin=$folder; fi
done
if [ "$1" = prepare ]; then
  [ -n "$bin" ] || {
    echo "initdb, postgres and pgbench not found: install PostgreSQL 15 or newer (Debian: apt-get install postgresql)"
    exit 1
  }
  [ "$(id -u)" -ne 0 ] || id postgres >/dev/null 2>&1 || {
    echo "PostgreSQL does not run as root, and there is no user postgres: run this as another user"
    exit 1
  }
  exit
fi
seconds=$5

dir=$(mktemp -d)
server=
child=
finish() {
  # SIGINT is PostgreSQL's fast shutdown.
  kill $child 2>/dev/null || true
  kill -INT $server 2>/dev/null && wait "$server" || true
  rm -rf "$dir"
}
trap finish EXIT
trap 'exit 143' INT TERM
as=()
if [ "$(id -u)" -eq 0 ]; then
  chown postgres "$dir"
  as=(setpriv --reuid=postgres --regid="$(id -g postgres)" --clear-groups)
fi
cd "$dir"

"${as[@]}" "$bin/initdb" -D "$dir/data" -U bench -A trust -E UTF8 --no-locale >"$dir/initdb.log"
"${as[@]}" "$bin/postgres" -D "$dir/data" -k "$dir" -h '' >"$dir/postgres.log" 2>&1 &
server=$!
export PGHOST=$dir PGUSER=bench PGDATABASE=postgres
until "$bin/pg_isready" -q; do
  kill -0 "$server" 2>/dev/null || { tail -n 5 "$dir/postgres.log" >&2; exit 1; }
  sleep 0.1
done
"${as[@]}" "$bin/pgbench" -i -q -s "$scale" >"$dir/fill.log" 2>&1

# bench CLIENTS SECONDS MORE...: one run of pgbench, in the background so that a signal is not held up.
bench() {
  "${as[@]}" "$bin/pgbench" -n -N -c "$1" -j $(($1 > 1 ? 2 : 1)) -T "$2" "${@:3}" >"$dir/run.log" 2>&1 &
  child=$!
  wait "$child" || { tail -n 5 "$dir/run.log" >&2; exit 1; }
  child=
}

# measure CLIENTS SECONDS: pgbench logs each transaction; the third column is its time in microseconds.
measure() {
  rm -f "$dir"/calls.*
  echo "MEASURE window=$1"
  bench "$1" "$2" -l --log-prefix="$dir/calls"
  local rate
  rate=$(sed -n 's/^tps = \([0-9]*\).*/\1/p' "$dir/run.log")
  awk '{print $3}' "$dir"/calls.* | sort -n | awk -v window="$1" -v rate="$rate" '
    { micros[NR] = $1 }
    END {
      printf "RESULT window=%d calls=%d rate=%d/s p50=%.1fus p99=%.1fus failed=0\n",
        window, NR, rate, micros[int(NR * 0.5) + 1], micros[int(NR * 0.99) + 1]
    }'
}

bench "$clients" "$4"
measure "$clients" "$seconds"
bench 1 1
measure 1 $((seconds < one_seconds_max ? seconds : one_seconds_max))
