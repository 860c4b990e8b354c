# One running copy of the platform: its folder, its ports, its processes.
# shellcheck shell=bash

stack_init() { # $1 data folder, $2 port offset
  VAR=$(realpath -m "$1")
  OFFSET=$2
  RUN=$VAR/run LOGS=$VAR/log ETC=$VAR/etc
  PG_PORT=$((15432 + OFFSET)) REDIS_PORT=$((16379 + OFFSET))
  KAFKA_PORT=$((19092 + OFFSET)) KAFKA_CTL_PORT=$((19093 + OFFSET))
  SIP_PORT=$((5060 + OFFSET)) SIPS_PORT=$((5061 + OFFSET)) HTTP_PORT=$((8080 + OFFSET))
}

stack_dirs() {
  mkdir -p "$VAR" "$RUN" "$LOGS" "$ETC"
  # PostgreSQL refuses root, and its user must be able to walk to its data.
  PG_DIR=$VAR/postgres
  if [ "$(id -u)" = 0 ] && ! runuser -u postgres -- test -x "$VAR"; then
    PG_DIR=/var/tmp/zvon-$(printf '%s' "$VAR" | sha1sum | cut -c1-12)/postgres
    mkdir -p "$(dirname "$PG_DIR")"
    chown postgres "$(dirname "$PG_DIR")"
  fi
}

# A pid file holds "pid start-time": a number used again is not ours.
start_time_of() { awk '{ print $22 }' "/proc/$1/stat" 2>/dev/null; }

is_running() { # $1 name
  local pid started
  [ -r "$RUN/$1.pid" ] || return 1
  read -r pid started < "$RUN/$1.pid" || return 1
  [ -n "$pid" ] && [ "$(start_time_of "$pid")" = "$started" ]
}

pid_of() { cut -d' ' -f1 "$RUN/$1.pid"; }

spawn() { # $1 name, rest: command
  local name=$1
  shift
  setsid "$@" < /dev/null >> "$LOGS/$name.log" 2>&1 &
  local pid=$!
  printf '%s %s\n' "$pid" "$(start_time_of "$pid")" > "$RUN/$name.pid"
}

end_process() { # $1 name, $2 seconds it may take
  is_running "$1" || { rm -f "$RUN/$1.pid"; return 0; }
  local pid
  pid=$(pid_of "$1")
  kill -TERM "$pid" 2>/dev/null || true
  local i
  for ((i = 0; i < $2 * 10; i++)); do
    is_running "$1" || { rm -f "$RUN/$1.pid"; return 0; }
    sleep 0.1
  done
  say "$1 did not stop in $2 s; killing it"
  kill -KILL "$pid" 2>/dev/null || true
  rm -f "$RUN/$1.pid"
}

# Waits for a condition; fails early when the process has gone.
await() { # $1 name of the process, $2 seconds, rest: command that succeeds when ready
  local name=$1 limit=$2 i
  shift 2
  for ((i = 0; i < limit * 20; i++)); do
    if "$@" > /dev/null 2>&1; then return 0; fi
    is_running "$name" || die "$name has ended: $(tail -n 1 "$LOGS/$name.log") (tools/logs $name)"
    sleep 0.05
  done
  die "$name is not ready after $limit s (tools/logs $name)"
}

require_free() { # $1 port, $2 what for
  ! port_is_taken "$1" || die "port $1 ($2) is taken; stop what uses it, or run with --port-offset"
}
