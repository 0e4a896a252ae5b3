import { podTemplateOf, type KubernetesObject, type PodSpec } from './kubernetes-object.js';

/**
 * Whether the objects of a release fit together: what one names is there, is reached by the labels it
 * asks for, and has the key or port that is meant.
 *
 * @param given Secrets and claims that the values say exist already
 * @returns what is wrong
 */
export function checkReferences(
  objects: readonly KubernetesObject[],
  given: readonly string[],
): readonly string[] {
  const names = new Set([
    ...objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`),
    ...given.map((name) => `Secret/${name}`),
    // cert-manager makes the Secret that a Certificate names
    ...objects.flatMap(({ kind, spec }) =>
      kind === 'Certificate' ? [`Secret/${spec?.['secretName'] as string}`] : [],
    ),
  ]);
  const pods = objects.flatMap((object) => {
    const template = podTemplateOf(object);
    return template ? [{ owner: `${object.kind} ${object.metadata.name}`, ...template }] : [];
  });
  const absent = pods.flatMap(({ owner, spec }) =>
    wanted(spec)
      .filter((name) => !names.has(name))
      .map((name) => `${owner} wants ${name}, which is not there`),
  );
  const keys = pods.flatMap(({ owner, spec }) => missingKeys(spec, objects, owner));
  const mounts = pods.flatMap(({ owner, spec }) => strayMounts(spec, owner, objects));
  const selecting = objects.flatMap((object) => straySelectors(object, pods));
  const scaled = objects.flatMap(({ kind, spec }) => {
    const target = spec?.['scaleTargetRef'] as { name: string } | undefined;
    if (!target || names.has(`Deployment/${target.name}`)) return [];
    return [`${kind} scales ${target.name}, which is not there`];
  });
  return [...absent, ...keys, ...mounts, ...selecting, ...scaled];
}

function wanted({ serviceAccountName, volumes = [] }: PodSpec): string[] {
  return [
    ...(serviceAccountName === undefined ? [] : [`ServiceAccount/${serviceAccountName}`]),
    ...volumes.flatMap(({ secret }) => (secret ? [`Secret/${secret.secretName}`] : [])),
    ...volumes.flatMap(({ configMap }) => (configMap ? [`ConfigMap/${configMap.name}`] : [])),
  ];
}

function missingKeys(spec: PodSpec, objects: readonly KubernetesObject[], owner: string): string[] {
  return (spec.volumes ?? []).flatMap(({ secret }) => {
    const made = objects.find(
      ({ kind, metadata }) => kind === 'Secret' && metadata.name === secret?.secretName,
    );
    if (!made || !secret?.items) return [];
    const keys = Object.keys({ ...made.data, ...made.stringData });
    return secret.items
      .filter(({ key }) => !keys.includes(key))
      .map(({ key }) => `${owner} wants ${key} of ${secret.secretName}, which has no such key`);
  });
}

function strayMounts(spec: PodSpec, owner: string, objects: readonly KubernetesObject[]): string[] {
  const claims = objects.flatMap(({ spec: each }) => {
    const templates = each?.['volumeClaimTemplates'] as
      { metadata: { name: string } }[] | undefined;
    return templates?.map(({ metadata }) => metadata.name) ?? [];
  });
  const known = [...(spec.volumes ?? []).map(({ name }) => name), ...claims];
  return spec.containers.flatMap(({ volumeMounts = [] }) =>
    volumeMounts
      .filter(({ name }) => !known.includes(name))
      .map(({ name }) => `${owner} mounts ${name}, which is no volume of it`),
  );
}

interface Pods {
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
}

const SELECTING = ['Service', 'PodDisruptionBudget', 'NetworkPolicy', 'Deployment', 'StatefulSet'];

/** Selects no pods, or those that have not the port. */
function straySelectors(
  { kind, metadata, spec }: KubernetesObject,
  pods: readonly Pods[],
): string[] {
  if (!SELECTING.includes(kind)) return [];
  const selector = (spec?.['selector'] ?? spec?.['podSelector']) as Record<string, unknown>;
  const labels = Object.entries((selector['matchLabels'] ?? selector) as Record<string, string>);
  const chosen = pods.filter((pod) => labels.every(([key, value]) => pod.labels[key] === value));
  const who = `${kind} ${metadata.name}`;
  if (chosen.length !== 1) return [`${who} selects ${chosen.length} kinds of pods`];
  if (kind !== 'Service') return [];
  const ports = chosen.flatMap((pod) => pod.spec.containers.flatMap((each) => each.ports ?? []));
  return (spec?.['ports'] as { targetPort: string }[])
    .filter(({ targetPort }) => !ports.some(({ name }) => name === targetPort))
    .map(({ targetPort }) => `${who} leads to port ${targetPort}, which no pod has`);
}
