{{/* Arguments of the two programs. */}}

{{/* (dict "steps" 100 "supervised" true) as arguments; `false` and empty values are omitted. */}}
{{- define "lockstep.arguments" -}}
{{- range $flag, $value := . }}
{{- if kindIs "bool" $value }}
{{- if $value }}
- --{{ $flag }}
{{- end }}
{{- else if not (or (kindIs "invalid" $value) (eq (toString $value) "")) }}
- --{{ $flag }}
{{- if kindIs "float64" $value }}
- {{ ternary (printf "%.0f" $value) (toString $value) (eq (floor $value) $value) | quote }}
{{- else }}
- {{ $value | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Redis's address and credentials. */}}
{{- define "lockstep.redisOptions" -}}
{{- $options := dict -}}
{{- if .Values.redis.enabled -}}
{{- $scheme := ternary "rediss" "redis" (ne .Values.tls.mode "none") -}}
{{- $_ := set $options "redis" (printf "%s://lockstep@%s:6379" $scheme (include "lockstep.redis" .)) -}}
{{- $_ := set $options "redis-password-file" "/etc/lockstep/redis/password" -}}
{{- if ne .Values.tls.mode "none" -}}
{{- $_ := set $options "redis-ca" "/etc/lockstep/tls/ca.crt" -}}
{{- end -}}
{{- else -}}
{{- $_ := set $options "redis" (required "redis.url is needed where redis.enabled is false" .Values.redis.url) -}}
{{- if .Values.redis.existingSecret -}}
{{- $_ := set $options "redis-password-file" "/etc/lockstep/redis/password" -}}
{{- end -}}
{{- if .Values.redis.ca -}}
{{- $_ := set $options "redis-ca" "/etc/lockstep/redis/ca.crt" -}}
{{- end -}}
{{- end -}}
{{- toYaml $options -}}
{{- end -}}

{{- define "lockstep.tlsOptions" -}}
{{- if ne .Values.tls.mode "none" -}}
tls-cert: /etc/lockstep/tls/tls.crt
tls-key: /etc/lockstep/tls/tls.key
tls-ca: /etc/lockstep/tls/ca.crt
{{- end -}}
{{- end -}}

{{/* The object that the dashboard and `lockstep scale` change. */}}
{{- define "lockstep.scaleTarget" -}}
{{- if eq .Values.workers.kind "Deployment" -}}
{{- $kinds := dict "none" "deployment" "keda" "scaledobject" "hpa" "horizontalpodautoscaler" -}}
{{ get $kinds .Values.autoscaling.kind }}/{{ include "lockstep.worker" . }}
{{- end -}}
{{- end -}}

{{- define "lockstep.coordinatorArguments" -}}
{{- $target := include "lockstep.scaleTarget" . -}}
{{- $own := dict
  "out" (printf "/runs/%s" .Values.run.name)
  "grpc" "0.0.0.0:5050"
  "http" "0.0.0.0:8080"
  "probes" "0.0.0.0:8081"
  "supervised" true
  "json" true
  "scaler" (ternary "kubernetes" "none" (ne $target ""))
  "scale-target" $target
-}}
{{- if .Values.gpu.enabled -}}{{- $_ := set $own "device" "gpu" -}}{{- end -}}
{{- if eq .Values.tls.mode "none" -}}
{{- $_ := set $own "insecure" true -}}
{{- else -}}
{{- $_ := set $own "join-tokens" "/etc/lockstep/auth/join-tokens.json" -}}
{{- $_ := set $own "admin-token-file" "/etc/lockstep/auth/admin-token" -}}
{{- $_ := set $own "viewer-token-file" "/etc/lockstep/auth/viewer-token" -}}
{{- end -}}
{{- $redis := include "lockstep.redisOptions" . | fromYaml -}}
{{- $tls := include "lockstep.tlsOptions" . | fromYaml -}}
- coordinator
{{- include "lockstep.arguments" (merge $own $redis $tls .Values.coordinator.options .Values.run.options) -}}
{{- end -}}

{{- define "lockstep.workerArguments" -}}
{{- $own := dict
  "coordinator" (printf "%s:5050" (include "lockstep.coordinator" .))
  "http" "0.0.0.0:8081"
  "id" "$(POD_NAME)"
  "supervised" true
-}}
{{- if ne .Values.workers.kind "Deployment" -}}{{- $_ := set $own "leave-when" "finished" -}}{{- end -}}
{{- if .Values.gpu.enabled -}}{{- $_ := set $own "device" "gpu" -}}{{- end -}}
{{- if ne .Values.tls.mode "none" -}}
{{- $_ := set $own "join-token-file" "/etc/lockstep/auth/join-token" -}}
{{- end -}}
{{- $redis := include "lockstep.redisOptions" . | fromYaml -}}
{{- $tls := include "lockstep.tlsOptions" . | fromYaml -}}
- worker
{{- include "lockstep.arguments" (merge $own $redis $tls .Values.workers.options) -}}
{{- end -}}
