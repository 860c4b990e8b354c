{{/* "zvon" for the release "zvon", else "release-zvon". */}}
{{- define "zvon.name" -}}
{{- if contains "zvon" .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-zvon" .Release.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "zvon.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* Ports: docs/ARCHITECTURE.md section 7. */}}
{{- define "zvon.grpcPort" -}}
{{- get (dict "signaling" "9101" "media" "9102" "routing" "9103" "scenario" "9105" "recording" "9106" "reporting" "9107" "directory" "9108") . }}
{{- end }}
{{- define "zvon.adminPort" -}}
{{- get (dict "signaling" "9401" "media" "9402" "routing" "9403" "scenario" "9405" "recording" "9406" "reporting" "9407" "directory" "9408" "gateway" "9411") . }}
{{- end }}

{{/* Every replica of a service by its own name: "a-0.a:9105,a-1.a:9105". */}}
{{- define "zvon.addresses" -}}
{{- $name := printf "%s-%s" (include "zvon.name" .root) .service -}}
{{- $port := include "zvon.grpcPort" .service -}}
{{- $all := list -}}
{{- range $i := until (int (index .root.Values.services .service).replicas) -}}
{{- $all = append $all (printf "%s-%d.%s:%s" $name $i $name $port) -}}
{{- end -}}
{{ join "," $all }}
{{- end }}

{{/* A service of which any replica will do. */}}
{{- define "zvon.address" -}}
{{ printf "%s-%s:%s" (include "zvon.name" .root) .service (include "zvon.grpcPort" .service) }}
{{- end }}

{{- define "zvon.labels" -}}
app.kubernetes.io/name: zvon
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .service }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end }}
{{- define "zvon.selector" -}}
app.kubernetes.io/name: zvon
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .service }}
{{- end }}

{{/* Flags of one service beyond the common ones. */}}
{{- define "zvon.args" -}}
{{- $v := .root.Values -}}
{{- $s := .service -}}
{{- $redis := list "signaling" "routing" "scenario" "gateway" -}}
{{- $postgres := list "directory" "recording" "reporting" "scenario" -}}
{{- $kafka := list "signaling" "routing" "scenario" "directory" "recording" "reporting" -}}
{{- $directory := list "signaling" "routing" "scenario" "reporting" "gateway" -}}
{{- if has $s $redis }}
{{- if $v.redis.sentinels }}
- --redis.sentinels={{ join "," $v.redis.sentinels }}
- --redis.sentinel_master={{ $v.redis.sentinelMaster }}
{{- else }}
- --redis.address={{ $v.redis.address }}
{{- end }}
{{- end }}
{{- if has $s $kafka }}
- --kafka.brokers={{ $v.kafka.brokers }}
{{- end }}
{{- if has $s $postgres }}
- --migrations.dir=/usr/share/zvon/migrations/{{ $s }}
{{- end }}
{{- if has $s $directory }}
- --directory.address={{ include "zvon.address" (dict "root" .root "service" "directory") }}
{{- end }}
{{- if eq $s "directory" }}
- --demo.enabled={{ $v.demo.enabled }}
- --demo.file=/usr/share/zvon/demo/demo.yaml
{{- else if eq $s "scenario" }}
- --demo.enabled={{ $v.demo.enabled }}
- --demo.dir=/usr/share/zvon/demo/scenarios
{{- else if eq $s "routing" }}
- --grpc.advertised_address=$(POD_NAME).{{ include "zvon.name" .root }}-routing:9103
{{- else if eq $s "media" }}
- --recording.address={{ include "zvon.address" (dict "root" .root "service" "recording") }}
- --rtp.advertised_address=$(HOST_IP)
- --rtp.port_min={{ $v.rtp.portMin }}
- --rtp.port_max={{ $v.rtp.portMax }}
- --media.prompts=ru=/usr/share/asterisk/sounds/ru_RU_f_IvrvoiceRU,en=/usr/share/asterisk/sounds/en_US_f_Allison,moh=/usr/share/asterisk/moh
{{- else if eq $s "signaling" }}
- --sip.udp=0.0.0.0:{{ $v.sip.port }}
- --sip.tcp=0.0.0.0:{{ $v.sip.port }}
- --sip.advertised_address=$(HOST_IP)
- --media.addresses={{ include "zvon.addresses" (dict "root" .root "service" "media") }}
- --scenario.addresses={{ include "zvon.addresses" (dict "root" .root "service" "scenario") }}
- --routing.addresses={{ include "zvon.addresses" (dict "root" .root "service" "routing") }}
{{- else if eq $s "gateway" }}
- --gateway.listen=0.0.0.0:8080
- --gateway.web_dir=/usr/share/zvon/desktop
- --routing.addresses={{ include "zvon.addresses" (dict "root" .root "service" "routing") }}
- --signaling.addresses={{ include "zvon.addresses" (dict "root" .root "service" "signaling") }}
- --recording.address={{ include "zvon.address" (dict "root" .root "service" "recording") }}
- --reporting.address={{ include "zvon.address" (dict "root" .root "service" "reporting") }}
{{- end }}
{{- end }}

{{/* Environment of one service: who and where it is, and secrets. */}}
{{- define "zvon.env" -}}
- name: POD_NAME
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
- name: HOST_IP
  valueFrom: {fieldRef: {fieldPath: status.hostIP}}
{{- if has .service (list "directory" "recording" "reporting" "scenario") }}
- name: ZVON_POSTGRES_DSN
  valueFrom: {secretKeyRef: {name: {{ .root.Values.postgres.dsnSecret | quote }}, key: dsn}}
{{- end }}
{{- if and .root.Values.redis.passwordSecret (has .service (list "signaling" "routing" "scenario" "gateway")) }}
- name: ZVON_REDIS_PASSWORD
  valueFrom: {secretKeyRef: {name: {{ .root.Values.redis.passwordSecret | quote }}, key: password}}
{{- end }}
{{- end }}
