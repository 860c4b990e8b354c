# The platform's own processes: order, ports, settings, health.
# shellcheck shell=bash

# Start order: who is asked comes before who asks. Any order works; this one
# is ready soonest.
SERVICES=(directory recording reporting routing scenario media signaling gateway)

grpc_port() {
  case $1 in
    signaling) echo $((9101 + OFFSET)) ;; media) echo $((9102 + OFFSET)) ;;
    routing) echo $((9103 + OFFSET)) ;; scenario) echo $((9105 + OFFSET)) ;;
    recording) echo $((9106 + OFFSET)) ;; reporting) echo $((9107 + OFFSET)) ;;
    directory) echo $((9108 + OFFSET)) ;; *) echo 0 ;;
  esac
}
admin_port() {
  case $1 in
    signaling) echo $((9401 + OFFSET)) ;; media) echo $((9402 + OFFSET)) ;;
    routing) echo $((9403 + OFFSET)) ;; scenario) echo $((9405 + OFFSET)) ;;
    recording) echo $((9406 + OFFSET)) ;; reporting) echo $((9407 + OFFSET)) ;;
    directory) echo $((9408 + OFFSET)) ;; gateway) echo $((9411 + OFFSET)) ;;
  esac
}
addr() { echo "127.0.0.1:$(grpc_port "$1")"; }

sounds_of() { # $1 language: the folder the Debian package put its prompts in
  dpkg -L "asterisk-core-sounds-$1-wav" 2>/dev/null | grep '/vm-intro.wav$' | xargs -r dirname
}
music_folder() {
  dpkg -L asterisk-moh-opsound-wav 2>/dev/null | grep '\.wav$' | head -n 1 | xargs -r dirname
}

settings_of() { # $1 service: its YAML on standard output
  cat << YAML
instance: $1-0
admin: {listen: "127.0.0.1:$(admin_port "$1")"}
data: {dir: "$VAR/$1"}
YAML
  [ "$1" = gateway ] || echo "grpc: {listen: \"$(addr "$1")\"}"
  local pg="postgres: {dsn: \"host=127.0.0.1 port=$PG_PORT dbname=zvon user=zvon\"}"
  local redis="redis: {address: \"127.0.0.1:$REDIS_PORT\"}"
  local kafka="kafka: {brokers: \"$KAFKA_BROKERS\"}"
  local dir="directory: {address: \"$(addr directory)\"}"
  case $1 in
    directory) printf '%s\n' "$pg" "$kafka" "demo: {enabled: true, file: \"$ZVON_ROOT/deploy/demo/demo.yaml\"}" ;;
    recording) printf '%s\n' "$pg" "$kafka" ;;
    reporting) printf '%s\n' "$pg" "$kafka" "$dir" ;;
    routing) printf '%s\n' "$redis" "$kafka" "$dir" ;;
    scenario) printf '%s\n' "$redis" "$pg" "$kafka" "demo: {enabled: true, dir: \"$ZVON_ROOT/deploy/demo/scenarios\"}" "$dir" ;;
    media)
      cat << YAML
recording: {address: "$(addr recording)"}
media: {prompts: ["ru=$(sounds_of ru)", "en=$(sounds_of en)", "moh=$(music_folder)"]}
rtp: {address: "0.0.0.0", advertised_address: "$ADVERTISE"}
YAML
      ;;
    signaling)
      cat << YAML
$redis
$kafka
$dir
sip: {udp: "0.0.0.0:$SIP_PORT", tcp: "0.0.0.0:$SIP_PORT", advertised_address: "$ADVERTISE"}
media: {addresses: ["$(addr media)"]}
scenario: {addresses: ["$(addr scenario)"]}
routing: {addresses: ["$(addr routing)"]}
YAML
      ;;
    gateway)
      cat << YAML
$redis
$dir
gateway: {listen: "0.0.0.0:$HTTP_PORT", web_dir: "$ZVON_ROOT/services/desktop/dist"}
routing: {addresses: ["$(addr routing)"]}
signaling: {addresses: ["$(addr signaling)"]}
recording: {address: "$(addr recording)"}
reporting: {address: "$(addr reporting)"}
YAML
      ;;
  esac
}

start_service() { # $1 service
  is_running "$1" && return 0
  local port
  for port in "$(grpc_port "$1")" "$(admin_port "$1")"; do
    [ "$port" = 0 ] || require_free "$port" "$1"
  done
  mkdir -p "$VAR/$1"
  settings_of "$1" > "$ETC/$1.yaml"
  spawn "$1" "$BUILD/bin/zvon-$1" --config "$ETC/$1.yaml"
}

service_is_ready() { curl -fsS -m 2 -o /dev/null "http://127.0.0.1:$(admin_port "$1")/readyz"; }
