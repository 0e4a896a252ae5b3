import { podTemplateOf, type KubernetesObject, type PodSpec } from './kubernetes-object.js';

/**
 * Checks that the objects of a release fit together: references resolve, selectors match, and the
 * referenced keys and ports exist.
 *
 * @param given Secrets and claims that exist already according to the values
 * @returns the problems found
 */
export function checkReferences(
  objects: readonly KubernetesObject[],
  given: readonly string[],
): readonly string[] {
  const names = new Set([
    ...objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`),
    ...given.map((name) => `Secret/${name}`),
    // cert-manager creates the Secret that a Certificate names
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
      .map((name) => `${owner} refers to ${name}, which does not exist`),
  );
  const keys = pods.flatMap(({ owner, spec }) => missingKeys(spec, objects, owner));
  const mounts = pods.flatMap(({ owner, spec }) => unknownMounts(spec, owner, objects));
  const selecting = objects.flatMap((object) => unmatchedSelectors(object, pods));
  const scaled = objects.flatMap(({ kind, spec }) => {
    const target = spec?.['scaleTargetRef'] as { name: string } | undefined;
    if (!target || names.has(`Deployment/${target.name}`)) return [];
    return [`${kind} scales ${target.name}, which does not exist`];
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
      .map(({ key }) => `${owner} refers to ${key} of ${secret.secretName}, which has no such key`);
  });
}

function unknownMounts(
  spec: PodSpec,
  owner: string,
  objects: readonly KubernetesObject[],
): string[] {
  const claims = objects.flatMap(({ spec: each }) => {
    const templates = each?.['volumeClaimTemplates'] as
      { metadata: { name: string } }[] | undefined;
    return templates?.map(({ metadata }) => metadata.name) ?? [];
  });
  const known = [...(spec.volumes ?? []).map(({ name }) => name), ...claims];
  return spec.containers.flatMap(({ volumeMounts = [] }) =>
    volumeMounts
      .filter(({ name }) => !known.includes(name))
      .map(({ name }) => `${owner} mounts ${name}, which is not one of its volumes`),
  );
}

interface Pods {
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
}

const SELECTING = ['Service', 'PodDisruptionBudget', 'NetworkPolicy', 'Deployment', 'StatefulSet'];

/** Selectors that match no pods, or pods without the port. */
function unmatchedSelectors(
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
    .map(({ targetPort }) => `${who} refers to port ${targetPort}, which no pod has`);
}
