# The platform's own processes: order, ports, settings, health.
# shellcheck shell=bash

# Start order: who is asked comes before who asks. Any order works; this one
# is ready soonest. A replica is named SERVICE-1; its ports are 50 higher.
set_services() { # $1: "yes" for a second replica of what keeps calls alive
  SERVICES=(directory recording reporting routing scenario media signaling gateway)
  [ "$1" != yes ] || SERVICES=(directory recording reporting routing routing-1 scenario scenario-1 media signaling gateway)
}
kind_of() { echo "${1%-1}"; }
replica_shift() { case $1 in *-1) echo 50 ;; *) echo 0 ;; esac; }

# Table of docs/ARCHITECTURE.md section 7: gRPC is 9100 + n, admin 9400 + n.
number_of() {
  case $(kind_of "$1") in
    signaling) echo 1 ;; media) echo 2 ;; routing) echo 3 ;; scenario) echo 5 ;;
    recording) echo 6 ;; reporting) echo 7 ;; directory) echo 8 ;; gateway) echo 11 ;;
  esac
}
grpc_port() { echo $((9100 + $(number_of "$1") + $(replica_shift "$1") + OFFSET)); }
admin_port() { echo $((9400 + $(number_of "$1") + $(replica_shift "$1") + OFFSET)); }
addr() { echo "127.0.0.1:$(grpc_port "$1")"; }
# All replicas of a service, as a YAML list.
addrs() {
  local service list=
  for service in "${SERVICES[@]}"; do
    [ "$(kind_of "$service")" != "$1" ] || list+="${list:+, }\"$(addr "$service")\""
  done
  echo "[$list]"
}

sounds_of() { # $1 language: the folder the Debian package put its prompts in
  dpkg -L "asterisk-core-sounds-$1-wav" 2>/dev/null | grep '/vm-intro.wav$' | xargs -r dirname
}
music_folder() {
  dpkg -L asterisk-moh-opsound-wav 2>/dev/null | grep '\.wav$' | head -n 1 | xargs -r dirname
}

settings_of() { # $1 service: its YAML on standard output
  cat << YAML
instance: $(kind_of "$1")-$([ "$(replica_shift "$1")" = 0 ] && echo 0 || echo 1)
admin: {listen: "127.0.0.1:$(admin_port "$1")"}
data: {dir: "$VAR/$1"}
YAML
  case $(kind_of "$1") in
    gateway) ;;
    routing) echo "grpc: {listen: \"$(addr "$1")\", advertised_address: \"$(addr "$1")\"}" ;;
    *) echo "grpc: {listen: \"$(addr "$1")\"}" ;;
  esac
  local pg="postgres: {dsn: \"host=127.0.0.1 port=$PG_PORT dbname=zvon user=zvon\"}"
  local redis="redis: {address: \"127.0.0.1:$REDIS_PORT\"}"
  local kafka="kafka: {brokers: \"$KAFKA_BROKERS\"}"
  local dir="directory: {address: \"$(addr directory)\"}"
  case $(kind_of "$1") in
    directory) printf '%s\n' "$pg" "$kafka" "demo: {enabled: true, file: \"$DEMO_FILE\"}" ;;
    recording) printf '%s\n' "$pg" "$kafka" ;;
    reporting) printf '%s\n' "$pg" "$kafka" ;;
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
media: {addresses: $(addrs media)}
scenario: {addresses: $(addrs scenario)}
routing: {addresses: $(addrs routing)}
YAML
      ;;
    gateway)
      cat << YAML
$redis
$dir
gateway: {listen: "0.0.0.0:$HTTP_PORT", web_dir: "$ZVON_ROOT/services/desktop/dist"}
routing: {addresses: $(addrs routing)}
signaling: {addresses: $(addrs signaling)}
recording: {address: "$(addr recording)"}
reporting: {address: "$(addr reporting)"}
YAML
      ;;
  esac
}

start_service() { # $1 service
  is_running "$1" && return 0
  local port
  for port in "$(grpc_port "$1")" "$(admin_port "$1")"; do require_free "$port" "$1"; done
  mkdir -p "$VAR/$1"
  settings_of "$1" > "$ETC/$1.yaml"
  spawn "$1" "$BUILD/bin/zvon-$(kind_of "$1")" --config "$ETC/$1.yaml"
}

service_is_ready() { curl -fsS -m 2 -o /dev/null "http://127.0.0.1:$(admin_port "$1")/readyz"; }
