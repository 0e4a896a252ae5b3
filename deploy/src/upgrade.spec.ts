import { describe, expect, it, onTestFinished } from 'vitest';
import { renderChart, type Rendered } from './helm.js';
import type { KubernetesObject, Loose } from './kubernetes-object.js';
import { startLiveCluster } from './live-cluster.js';
import { obtainTool } from './tools.js';

const helm = await obtainTool('helm');
const why = 'missing' in helm ? ` (skipped: ${helm.missing})` : '';
const RELEASE = { name: 'train', namespace: 'ml' };
const WORKER = 'train-lockstep-worker';

/** Renders the chart against live objects, once for each text of values. */
async function upgrade(
  live: readonly KubernetesObject[],
  values: readonly string[],
  // Each certificate takes a second to generate.
  tls = 'tls: { mode: none }',
): Promise<readonly Rendered[]> {
  if (!('path' in helm)) throw new Error(helm.missing);
  const cluster = await startLiveCluster(live, RELEASE);
  onTestFinished(() => cluster.close());
  return (
    await renderChart(
      helm.path,
      values.map((text) => `${text}\n${tls}`),
      cluster,
    )
  ).rendered;
}

function find(
  rendered: Rendered | undefined,
  kind: string,
  component = 'worker',
): KubernetesObject {
  if (!rendered || 'error' in rendered) throw new Error(rendered?.error ?? 'nothing was rendered');
  const found = rendered.objects.find(
    (object) =>
      object.kind === kind && object.metadata.labels?.['app.kubernetes.io/component'] === component,
  );
  if (!found) throw new Error(`no ${kind} was rendered`);
  return found;
}

/** The live object after a change in the cluster. */
function changed(object: KubernetesObject, spec: Loose): KubernetesObject {
  return { ...object, spec: { ...object.spec, ...spec } };
}

const specs = (rendered: readonly Rendered[], kind: string): readonly Loose[] =>
  rendered.map((each) => find(each, kind).spec ?? {});

describe.skipIf('missing' in helm)(`an upgrade of the Helm chart${why}`, () => {
  it('keeps the number of workers that was set in the cluster, until workers.replicas changes', async () => {
    const [installed] = await upgrade([], ['']);
    const live = changed(find(installed, 'Deployment'), { replicas: 4 });
    const rendered = await upgrade([live], ['image: { tag: next }', 'workers: { replicas: 6 }']);
    expect(specs(rendered, 'Deployment')).toMatchObject([{ replicas: 4 }, { replicas: 6 }]);
    const [none] = await upgrade([changed(live, { replicas: 0 })], ['image: { tag: next }']);
    expect(find(none, 'Deployment').spec).toMatchObject({ replicas: 0 });
  });

  it('leaves the number as it is when an autoscaler takes over or is removed', async () => {
    const [none, hpa, keda] = ['', 'autoscaling: { kind: hpa }', 'autoscaling: { kind: keda }'];
    const [installed, withHpa] = await upgrade([], [none, hpa]);
    const live = changed(find(installed, 'Deployment'), { replicas: 5 });
    const taken = await upgrade([live], [hpa, keda]);
    expect(specs(taken, 'Deployment')).toMatchObject([{ replicas: 5 }, { replicas: 5 }]);
    const scaled = find(withHpa, 'Deployment');
    const left = await upgrade([changed(scaled, { replicas: 5 })], [none, hpa]);
    expect(specs(left, 'Deployment')).toMatchObject([{ replicas: 5 }, { replicas: 5 }]);
    // An HPA does not scale from 0, so a run without workers would wait forever.
    const ended = await upgrade([changed(scaled, { replicas: 0 })], [none, hpa, keda]);
    expect(specs(ended, 'Deployment').map(({ replicas }) => replicas)).toEqual([2, 1, 0]);
  });

  it.each([
    ['hpa', 'HorizontalPodAutoscaler', { minReplicas: 1, maxReplicas: 3 }, { maxReplicas: 9 }],
    ['keda', 'ScaledObject', { minReplicaCount: 0, maxReplicaCount: 3 }, { maxReplicaCount: 9 }],
  ])('keeps the bounds of %s that were set in the cluster', async (name, kind, spec, other) => {
    const [installed] = await upgrade([], [`autoscaling: { kind: ${name} }`]);
    const rendered = await upgrade(
      [changed(find(installed, kind), spec)],
      [name, `${name}, maxReplicas: 9`].map((text) => `autoscaling: { kind: ${text} }`),
    );
    expect(specs(rendered, kind)).toMatchObject([spec, other]);
  });

  it('creates another Job when its pods or the run change, since a Job’s template is immutable', async () => {
    for (const kind of ['Job', 'IndexedJob']) {
      const values = (more: string): string => `workers: { kind: ${kind}, replicas: 3 }\n${more}`;
      const texts = [
        '',
        'autoscaling: { maxReplicas: 3 }',
        'image: { tag: next }',
        'run: { name: b }',
      ];
      const rendered = await upgrade([], texts.map(values));
      const [first, same, ...others] = rendered.map((each) => find(each, 'Job').metadata.name);
      expect(first).toMatch(new RegExp(`^${WORKER}-[0-9a-f]{8}$`));
      expect(same).toBe(first);
      expect(new Set([first, ...others]).size).toBe(3);
    }
    const indexed = (replicas: number): string =>
      `workers: { kind: IndexedJob, replicas: ${replicas} }`;
    const [three, four] = await upgrade([], [indexed(3), indexed(4)]);
    expect(find(four, 'Job').metadata.name).toBe(find(three, 'Job').metadata.name);
    expect(find(four, 'Job').spec).toMatchObject({ parallelism: 4, completions: 4 });
  });

  it('keeps passwords, tokens and certificates, and never one half of a pair of certificates', async () => {
    const [installed] = await upgrade([], [''], '');
    if (!installed || !('objects' in installed)) throw new Error('nothing was rendered');
    const secrets = installed.objects.filter(({ kind }) => kind === 'Secret').map(stored);
    const [same] = await upgrade(secrets, ['image: { tag: next }'], '');
    if (!same || !('objects' in same)) throw new Error('nothing was rendered');
    expect(same.objects.filter(({ kind }) => kind === 'Secret').map(stored)).toEqual(secrets);
    const server = secrets.filter(({ metadata }) => metadata.name !== 'train-lockstep-client-tls');
    const [renewed] = await upgrade(server, [''], '');
    if (!renewed || !('objects' in renewed)) throw new Error('nothing was rendered');
    const authorities = renewed.objects.flatMap(({ data }) => data?.['ca.crt'] ?? []);
    expect(authorities).toHaveLength(2);
    expect(new Set(authorities).size).toBe(1);
  });

  it('refuses to change what is immutable, and says what to do', async () => {
    const [installed] = await upgrade([], ['fullnameOverride: train-lockstep']);
    const live = ['coordinator', 'redis'].map((each) => find(installed, 'StatefulSet', each));
    const [same, ...refused] = await upgrade(
      live,
      [
        '',
        'coordinator: { storage: { size: 20Gi } }',
        'coordinator: { storage: { existingClaim: runs } }',
        'redis: { storage: { className: fast } }',
        'nameOverride: other',
      ].map((text) => `fullnameOverride: train-lockstep\n${text}`),
    );
    expect(find(same, 'StatefulSet', 'redis').spec).toEqual(live[1]?.spec);
    const said = refused.map((each) => ('error' in each ? each.error : ''));
    expect(said).toEqual([
      expect.stringContaining('coordinator.storage cannot be changed by an upgrade'),
      expect.stringContaining('coordinator.storage cannot be changed by an upgrade'),
      expect.stringContaining('redis.storage cannot be changed by an upgrade'),
      expect.stringContaining('nameOverride cannot be changed by an upgrade'),
    ]);
  });

  it('leaves a StatefulSet of an older chart as Kubernetes needs it', async () => {
    const [installed] = await upgrade([], ['']);
    const { metadata, ...older } = find(installed, 'StatefulSet', 'coordinator');
    const live = { ...older, metadata: { ...metadata, annotations: {} } };
    const [upgraded] = await upgrade(
      [changed(live, { podManagementPolicy: 'OrderedReady' })],
      [''],
    );
    expect(find(upgraded, 'StatefulSet', 'coordinator').spec).toEqual({
      ...live.spec,
      podManagementPolicy: 'OrderedReady',
    });
  });
});

/** A Secret as the API server returns it: all of its data in base64. */
function stored({ stringData = {}, data = {}, ...secret }: KubernetesObject): KubernetesObject {
  const entries = Object.entries(stringData);
  const encoded = entries.map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
  return {
    ...secret,
    data: { ...data, ...(Object.fromEntries(encoded) as Record<string, string>) },
  };
}
