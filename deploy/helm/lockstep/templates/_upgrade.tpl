{{/*
What an upgrade keeps or refuses, by comparison with the live objects. `lookup` finds nothing at the first
install, or without a cluster (`helm template`, a client-side dry run): then the values apply.

The annotation `lockstep/values` records the values that set a field. While they stay the same, the live
field is kept; once they change, the new values are applied.
*/}}

{{/*
The live object as YAML; empty where `given` differs from the values that it was created with.
(dict "context" $ "apiVersion" "apps/v1" "kind" "Deployment" "name" NAME "given" VALUES)
*/}}
{{- define "lockstep.kept" -}}
{{- $live := lookup .apiVersion .kind .context.Release.Namespace .name -}}
{{- if $live -}}
{{- $annotations := default dict $live.metadata.annotations -}}
{{- if eq .given (get $annotations "lockstep/values" | default .given) -}}{{- toYaml $live -}}{{- end -}}
{{- end -}}
{{- end -}}

{{/* The number of workers; empty where an autoscaler has not set it yet. */}}
{{- define "lockstep.workerReplicas" -}}
{{- $given := .Values.workers.replicas -}}
{{- $isJob := ne .Values.workers.kind "Deployment" -}}
{{- $name := ternary (include "lockstep.workerJob" .) (include "lockstep.worker" .) $isJob -}}
{{- $workload := dict "context" . "name" $name "given" (toString $given) -}}
{{- $resource := ternary (dict "apiVersion" "batch/v1" "kind" "Job") (dict "apiVersion" "apps/v1" "kind" "Deployment") $isJob -}}
{{- if eq .Values.autoscaling.kind "none" -}}
{{- $live := include "lockstep.kept" (merge $workload $resource) | fromYaml -}}
{{- if not $live -}}{{ $given }}
{{- else if $isJob -}}{{ $live.spec.parallelism }}
{{- /* Without the annotation the number was set by an autoscaler, which may have removed all workers. */ -}}
{{- else if or $live.spec.replicas (hasKey (default dict $live.metadata.annotations) "lockstep/values") -}}{{ $live.spec.replicas }}
{{- else -}}{{ $given }}
{{- end -}}
{{- else -}}
{{- $live := lookup "apps/v1" "Deployment" .Release.Namespace $name -}}
{{- /* An HPA does nothing while the number is 0; KEDA starts from there. */ -}}
{{- if $live -}}{{ ternary (max 1 (int $live.spec.replicas)) (int $live.spec.replicas) (eq .Values.autoscaling.kind "hpa") }}{{- end -}}
{{- end -}}
{{- end -}}

{{/*
Fields of a StatefulSet that Kubernetes never changes, as YAML: those of the live object, else the chart's.
(dict "context" $ "name" NAME "claim" NAME "storage" VALUES "path" "redis.storage")
*/}}
{{- define "lockstep.immutable" -}}
{{- $given := include "lockstep.storageValues" .storage -}}
{{- $live := lookup "apps/v1" "StatefulSet" .context.Release.Namespace .name -}}
{{- $spec := dict "podManagementPolicy" "Parallel" -}}
{{- if not (index .storage "existingClaim") -}}
{{- $_ := set $spec "volumeClaimTemplates" (list (include "lockstep.claim" . | fromYaml)) -}}
{{- end -}}
{{- if $live -}}
{{- $name := get $live.spec.selector.matchLabels "app.kubernetes.io/name" -}}
{{- if ne $name (include "lockstep.name" .context) -}}
{{- fail (printf "nameOverride cannot be changed by an upgrade, since the selector of StatefulSet %s is immutable: set it so that the name is %q again, or install another release" .name $name) -}}
{{- end -}}
{{- $applied := get (default dict $live.metadata.annotations) "lockstep/values" -}}
{{- if and $applied (ne $applied $given) -}}
{{- fail (printf "%s cannot be changed by an upgrade, since the volume claims of StatefulSet %s are immutable: it has %q and the values say %q. Put the value back (to grow the volume, edit the PersistentVolumeClaim), or run `kubectl delete statefulset %s --cascade=orphan` and upgrade again" .path .name $applied $given .name) -}}
{{- end -}}
{{- $spec = pick $live.spec "podManagementPolicy" "volumeClaimTemplates" -}}
{{- end -}}
{{- toYaml $spec -}}
{{- end -}}

{{/* The values that a StatefulSet's volume claims are made of, as one text. */}}
{{- define "lockstep.storageValues" -}}
{{- if index . "existingClaim" -}}existingClaim{{- else -}}{{ .size }} of class {{ default "default" .className }}{{- end -}}
{{- end -}}

{{- define "lockstep.claim" -}}
metadata:
  name: {{ .claim }}
  labels: {{- include "lockstep.selector" (dict "context" .context "component" .component) | nindent 4 }}
spec:
  accessModes: [ReadWriteOnce]
  {{- with .storage.className }}
  storageClassName: {{ . }}
  {{- end }}
  resources:
    requests: { storage: {{ .storage.size }} }
{{- end -}}
