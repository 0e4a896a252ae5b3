{{/* The worker pods, and the name of their Job. */}}

{{- define "lockstep.workerPod" -}}
{{- $labels := dict "context" . "component" "worker" -}}
metadata:
  labels: {{- include "lockstep.labels" $labels | nindent 4 }}
  {{- with .Values.workers.podAnnotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- if ne .Values.workers.kind "Deployment" }}
  restartPolicy: Never
  {{- end }}
  automountServiceAccountToken: false
  # On SIGTERM a worker finishes its current shard and leaves.
  terminationGracePeriodSeconds: {{ .Values.workers.terminationGracePeriodSeconds }}
  securityContext: {{- include "lockstep.podSecurity" . | nindent 4 }}
  {{- include "lockstep.scheduling" (dict "context" . "component" .Values.workers) | nindent 2 }}
  containers:
    - name: worker
      image: {{ include "lockstep.image" (dict "context" . "repository" .Values.image.worker) }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: {{- include "lockstep.workerArguments" . | nindent 8 }}
      env: {{- include "lockstep.environment" (dict "context" . "component" .Values.workers) | nindent 8 }}
      ports:
        - { name: http, containerPort: 8081 }
      {{- include "lockstep.probes" (dict "port" "http" "scheme" (ternary "HTTPS" "HTTP" (ne .Values.tls.mode "none"))) | nindent 6 }}
      resources: {{- include "lockstep.resources" (dict "context" . "component" .Values.workers) | nindent 8 }}
      securityContext: {{- include "lockstep.containerSecurity" . | nindent 8 }}
      volumeMounts: {{- include "lockstep.mounts" . | nindent 8 }}
  volumes: {{- include "lockstep.volumes" (dict "context" . "tls" (include "lockstep.clientSecret" .) "auth" (list "join-token")) | nindent 4 }}
{{- end -}}

{{/*
A Job's template is immutable. Its name contains a hash of its content, so that an upgrade which
changes the template replaces the Job, and another run gets a Job of its own.
*/}}
{{- define "lockstep.workerJob" -}}
{{- $kind := .Values.workers.kind -}}
{{- $completions := ternary "" (toString .Values.workers.replicas) (eq $kind "IndexedJob") -}}
{{- $parts := list $kind $completions .Values.run.name (include "lockstep.workerPod" .) -}}
{{ include "lockstep.worker" . }}-{{ join "\n" $parts | sha256sum | trunc 8 }}
{{- end -}}
