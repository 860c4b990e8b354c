# PostgreSQL, Redis and Kafka of one copy, private and on their own ports.
# shellcheck shell=bash

as_postgres() {
  if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

start_postgres() {
  is_running postgres && return 0
  require_free "$PG_PORT" PostgreSQL
  local owner
  owner=$([ "$(id -u)" = 0 ] && echo postgres || id -un)
  if [ ! -e "$PG_DIR/PG_VERSION" ]; then
    rm -rf "$PG_DIR"
    install -d -m 700 -o "$owner" "$PG_DIR"
    as_postgres "$PG_BIN/initdb" -D "$PG_DIR" -U zvon --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
      > "$LOGS/initdb.log" 2>&1 || die "initdb failed: $(tail -n 1 "$LOGS/initdb.log")"
  fi
  spawn postgres $([ "$(id -u)" = 0 ] && echo runuser -u postgres --) "$PG_BIN/postgres" -D "$PG_DIR" \
    -p "$PG_PORT" -c listen_addresses=127.0.0.1 -c unix_socket_directories="$PG_DIR" \
    -c max_connections=200 -c shared_buffers=64MB
  await postgres 30 "$PG_BIN/pg_isready" -q -h 127.0.0.1 -p "$PG_PORT" -U zvon
  as_postgres "$PG_BIN/psql" -qAt -h 127.0.0.1 -p "$PG_PORT" -U zvon -d postgres \
    -c "select 1 from pg_database where datname='zvon'" | grep -q 1 ||
    as_postgres "$PG_BIN/createdb" -h 127.0.0.1 -p "$PG_PORT" -U zvon zvon
}

# runuser stays as the parent of postgres; a fast shutdown goes to the child.
stop_postgres() {
  is_running postgres || return 0
  as_postgres "$PG_BIN/pg_ctl" stop -D "$PG_DIR" -m fast -s -w -t 20 || true
  end_process postgres 5
}

start_redis() {
  is_running redis && return 0
  require_free "$REDIS_PORT" Redis
  mkdir -p "$VAR/redis"
  spawn redis redis-server --port "$REDIS_PORT" --bind 127.0.0.1 --dir "$VAR/redis" \
    --appendonly yes --appendfsync everysec --save "" --daemonize no
  await redis 10 redis-cli -p "$REDIS_PORT" ping
}

start_kafka() {
  is_running kafka && return 0
  require_free "$KAFKA_PORT" Kafka
  mkdir -p "$VAR/kafka"
  if [ "$BROKER" = embedded ]; then
    rm -f "$VAR/kafka/bootstrap"
    spawn kafka "$BUILD/bin/kafka-mock" "--bootstrap.file=$VAR/kafka/bootstrap" \
      "--topics=$(sed -n 's/^ *- name: //p' "$ZVON_ROOT/deploy/kafka/topics.yaml" | paste -sd,)"
    await kafka 10 test -s "$VAR/kafka/bootstrap"
    KAFKA_BROKERS=$(cat "$VAR/kafka/bootstrap")
    return 0
  fi
  local jars="$ZVON_CACHE/kafka-3.9.1/*" props=$VAR/kafka/server.properties
  cat > "$props" << PROPS
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$KAFKA_CTL_PORT
listeners=PLAINTEXT://127.0.0.1:$KAFKA_PORT,CONTROLLER://127.0.0.1:$KAFKA_CTL_PORT
advertised.listeners=PLAINTEXT://127.0.0.1:$KAFKA_PORT
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs=$VAR/kafka/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
PROPS
  cat > "$VAR/kafka/log4j.properties" << 'LOG'
log4j.rootLogger=WARN, stdout
log4j.appender.stdout=org.apache.log4j.ConsoleAppender
log4j.appender.stdout.layout=org.apache.log4j.PatternLayout
log4j.appender.stdout.layout.ConversionPattern=%d %p %c %m%n
LOG
  local java=(java -Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1
    "-Dlog4j.configuration=file:$VAR/kafka/log4j.properties" -cp "$jars")
  if [ ! -e "$VAR/kafka/data/meta.properties" ]; then
    "${java[@]}" kafka.tools.StorageTool format "--cluster-id=$(head -c 16 /dev/urandom | base64 | tr '+/' 'ab' | tr -d =)" \
      -c "$props" > "$LOGS/kafka-format.log" 2>&1 || die "Kafka's format failed: $(tail -n 1 "$LOGS/kafka-format.log")"
  fi
  spawn kafka "${java[@]}" kafka.Kafka "$props"
}

await_kafka() {
  [ "$BROKER" = embedded ] && { KAFKA_BROKERS=$(cat "$VAR/kafka/bootstrap"); return 0; }
  KAFKA_BROKERS=127.0.0.1:$KAFKA_PORT
  # Creates what is missing; fails until the broker answers.
  await kafka 60 "$BUILD/bin/zvon-topics" --brokers "$KAFKA_BROKERS" --file "$ZVON_ROOT/deploy/kafka/topics.yaml"
}
