{{/* Names and labels. */}}

{{- define "lockstep.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "lockstep.fullname" -}}
{{- $name := include "lockstep.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "lockstep.coordinator" -}}{{ include "lockstep.fullname" . }}-coordinator{{- end -}}
{{- define "lockstep.worker" -}}{{ include "lockstep.fullname" . }}-worker{{- end -}}
{{- define "lockstep.redis" -}}{{ include "lockstep.fullname" . }}-redis{{- end -}}

{{/* Selector labels of one component's pods: (dict "context" $ "component" "worker"). */}}
{{- define "lockstep.selector" -}}
app.kubernetes.io/name: {{ include "lockstep.name" .context }}
app.kubernetes.io/instance: {{ .context.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "lockstep.labels" -}}
{{ include "lockstep.selector" . }}
app.kubernetes.io/part-of: lockstep
app.kubernetes.io/version: {{ .context.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .context.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .context.Chart.Name .context.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* (dict "context" $ "repository" "lockstep-worker") */}}
{{- define "lockstep.image" -}}
{{- $image := .context.Values.image -}}
{{- $suffix := ternary .context.Values.gpu.tagSuffix "" .context.Values.gpu.enabled -}}
{{ $image.registry }}{{ .repository }}:{{ default .context.Chart.AppVersion $image.tag }}{{ $suffix }}
{{- end -}}

{{- define "lockstep.encrypted" -}}{{ if ne .Values.tls.mode "none" }}yes{{ end }}{{- end -}}

{{- define "lockstep.serverSecret" -}}
{{ default (printf "%s-server-tls" (include "lockstep.fullname" .)) .Values.tls.serverSecret }}
{{- end -}}
{{- define "lockstep.clientSecret" -}}
{{ default (printf "%s-client-tls" (include "lockstep.fullname" .)) .Values.tls.clientSecret }}
{{- end -}}
{{- define "lockstep.authSecret" -}}
{{ default (printf "%s-auth" (include "lockstep.fullname" .)) .Values.auth.existingSecret }}
{{- end -}}
{{- define "lockstep.redisSecret" -}}
{{- if .Values.redis.enabled -}}{{ include "lockstep.redis" . }}{{- else -}}{{ .Values.redis.existingSecret }}{{- end -}}
{{- end -}}

{{/* Host names of server certificates, as a list in YAML. */}}
{{- define "lockstep.serverNames" -}}
{{- range list (include "lockstep.coordinator" .) (include "lockstep.redis" .) }}
- {{ . }}
- {{ . }}.{{ $.Release.Namespace }}
- {{ . }}.{{ $.Release.Namespace }}.svc
{{- end }}
- localhost
{{- end -}}
