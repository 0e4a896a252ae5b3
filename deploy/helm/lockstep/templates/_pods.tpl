{{/* What the pods of both programs have in common. */}}

{{- define "lockstep.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "lockstep.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{/*
(dict "port" "http" "scheme" "HTTPS"): liveness and readiness probes. Neither depends on Redis. Kubernetes
lets the node's own requests pass every network policy.
*/}}
{{- define "lockstep.probes" -}}
startupProbe:
  httpGet: { path: /healthz, port: {{ .port }}, scheme: {{ .scheme }} }
  periodSeconds: 2
  failureThreshold: 90
livenessProbe:
  httpGet: { path: /healthz, port: {{ .port }}, scheme: {{ .scheme }} }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: { path: /readyz, port: {{ .port }}, scheme: {{ .scheme }} }
  periodSeconds: 2
  timeoutSeconds: 5
{{- end -}}

{{/* (dict "context" $ "component" .Values.workers): the environment of a process. */}}
{{- define "lockstep.environment" -}}
- name: POD_NAME
  valueFrom: { fieldRef: { fieldPath: metadata.name } }
{{- if .context.Values.monitoring.otlpEndpoint }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ .context.Values.monitoring.otlpEndpoint | quote }}
{{- end }}
{{- with .component.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* (dict "context" $ "component" .Values.workers) */}}
{{- define "lockstep.resources" -}}
{{- $gpu := .context.Values.gpu -}}
{{- $resources := deepCopy .component.resources -}}
{{- if $gpu.enabled -}}
{{- $limits := default dict $resources.limits -}}
{{- $_ := set $resources "limits" (merge (dict $gpu.resource $gpu.count) $limits) -}}
{{- end -}}
{{- toYaml $resources -}}
{{- end -}}

{{- define "lockstep.mounts" -}}
- { name: tmp, mountPath: /tmp }
{{- if ne .Values.tls.mode "none" }}
- { name: tls, mountPath: /etc/lockstep/tls, readOnly: true }
- { name: auth, mountPath: /etc/lockstep/auth, readOnly: true }
{{- end }}
{{- if include "lockstep.redisSecret" . }}
- { name: redis, mountPath: /etc/lockstep/redis, readOnly: true }
{{- end }}
{{- end -}}

{{/* (dict "context" $ "tls" SECRET "auth" (list KEY …)): a program gets only the tokens that it needs. */}}
{{- define "lockstep.volumes" -}}
- name: tmp
  emptyDir: {}
{{- if ne .context.Values.tls.mode "none" }}
- name: tls
  secret: { secretName: {{ .tls }}, defaultMode: 0440 }
- name: auth
  secret:
    secretName: {{ include "lockstep.authSecret" .context }}
    defaultMode: 0440
    items:
      {{- range .auth }}
      - { key: {{ . }}, path: {{ . }} }
      {{- end }}
{{- end }}
{{- with include "lockstep.redisSecret" .context }}
- name: redis
  secret:
    secretName: {{ . }}
    defaultMode: 0440
    items:
      - { key: password, path: password }
      {{- if $.context.Values.redis.ca }}
      - { key: ca.crt, path: ca.crt }
      {{- end }}
{{- end }}
{{- end -}}

{{/* (dict "context" $ "component" .Values.workers) */}}
{{- define "lockstep.scheduling" -}}
{{- with .context.Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if and .context.Values.gpu.enabled .context.Values.gpu.runtimeClassName }}
runtimeClassName: {{ .context.Values.gpu.runtimeClassName }}
{{- end }}
{{- range $key := list "nodeSelector" "tolerations" "affinity" "topologySpreadConstraints" }}
{{- with index $.component $key }}
{{ $key }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}
