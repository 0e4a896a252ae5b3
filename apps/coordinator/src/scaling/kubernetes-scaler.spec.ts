import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { KubernetesScaler } from './kubernetes-scaler.js';

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly type: string | undefined;
  readonly token: string | undefined;
  readonly body: unknown;
}

const lists: Readonly<Record<string, object>> = {
  '/api/v1': { kind: 'Pod', name: 'pods' },
  '/apis/apps/v1': { kind: 'Deployment', name: 'deployments' },
  '/apis/autoscaling/v2': { kind: 'HorizontalPodAutoscaler', name: 'horizontalpodautoscalers' },
  '/apis/keda.sh/v1alpha1': { kind: 'ScaledObject', name: 'scaledobjects' },
};

/** An API server that knows these objects by path, and the kubeconfig that leads to it. */
async function apiServer(objects: Record<string, { spec: object }>): Promise<Asked[]> {
  const asked: Asked[] = [];
  const answer = async (request: IncomingMessage): Promise<[number, object]> => {
    const { method = '', url = '', headers } = request;
    const path = url.split('?')[0] ?? '';
    const list = lists[path];
    if (list) return [200, { kind: 'APIResourceList', resources: [{ ...list, namespaced: true }] }];
    const body = await text(request);
    const token = headers.authorization;
    const type = headers['content-type'];
    asked.push({ method, path, type, token, body: body === '' ? undefined : JSON.parse(body) });
    const object = objects[path];
    if (object) {
      const { spec } = (body === '' ? {} : JSON.parse(body)) as { spec?: object };
      Object.assign(object.spec, spec);
      return [200, object];
    }
    if (path.includes('/pods/') && !('forbidden' in objects)) {
      return [404, { kind: 'Status', message: 'there is no such pod', code: 404 }];
    }
    return [403, { kind: 'Status', message: `lockstep may not ${method} this`, code: 403 }];
  };
  const server = createServer((request, response) => {
    void answer(request).then(([status, body]) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-kube-'));
  writeFileSync(join(folder, 'config'), kubeconfig(`http://127.0.0.1:${port}`));
  vi.stubEnv('KUBECONFIG', join(folder, 'config'));
  onTestFinished(() => {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
  return asked;
}

const kubeconfig = (server: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'here', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'coordinator', user: { token: 'sesame' } }],
    contexts: [
      { name: 'here', context: { cluster: 'here', user: 'coordinator', namespace: 'training' } },
    ],
    'current-context': 'here',
  });

const MERGE = 'application/merge-patch+json';
const deployment = '/apis/apps/v1/namespaces/training/deployments/w';
const scaledObject = '/apis/keda.sh/v1alpha1/namespaces/training/scaledobjects/w';
const pod = (name: string): string => `/api/v1/namespaces/training/pods/${name}`;
const hpa = '/apis/autoscaling/v2/namespaces/training/horizontalpodautoscalers/w';

describe('scaling in Kubernetes', () => {
  it('patches the replicas of a Deployment, as the service account that it has', async () => {
    const asked = await apiServer({ [deployment]: { spec: { replicas: 1 } } });
    await new KubernetesScaler({ kind: 'deployment', name: 'w' }).scaleTo(4);
    expect(asked).toEqual([
      {
        method: 'PATCH',
        path: deployment,
        type: MERGE,
        token: 'Bearer sesame',
        body: expect.objectContaining({ spec: { replicas: 4 } }) as object,
      },
    ]);
  });

  it('sets the bounds of a ScaledObject, and never the lower above the upper', async () => {
    const asked = await apiServer({ [scaledObject]: { spec: { minReplicaCount: 3 } } });
    const scaler = new KubernetesScaler({ kind: 'scaledobject', name: 'w' });
    await scaler.scaleTo(8);
    await scaler.scaleTo(2);
    await scaler.scaleTo(0);
    const patches = asked.filter(({ method }) => method === 'PATCH');
    expect(patches.map(({ path, type }) => [path, type])).toEqual(
      Array.from({ length: 3 }, () => [scaledObject, MERGE]),
    );
    const paused = (count: string | null) => ({
      annotations: { 'autoscaling.keda.sh/paused-replicas': count },
    });
    expect(patches.map(({ body }) => body)).toMatchObject([
      { metadata: paused(null), spec: { minReplicaCount: 3, maxReplicaCount: 8 } },
      { metadata: paused(null), spec: { minReplicaCount: 2, maxReplicaCount: 2 } },
      { metadata: paused('0'), spec: { minReplicaCount: 0, maxReplicaCount: 1 } },
    ]);
  });

  it('sets the bounds of an HPA, which keeps one replica at least', async () => {
    const asked = await apiServer({ [hpa]: { spec: { minReplicas: 2, maxReplicas: 4 } } });
    const scaler = new KubernetesScaler({ kind: 'horizontalpodautoscaler', name: 'w' });
    await scaler.scaleTo(1);
    expect(asked.at(-1)?.body).toMatchObject({ spec: { minReplicas: 1, maxReplicas: 1 } });
    await expect(scaler.scaleTo(0)).rejects.toMatchObject({ code: 'cannot-scale' });
  });

  it('lets a worker go by its pod: that one is the cheapest to delete, and one less is wanted', async () => {
    const asked = await apiServer({
      [deployment]: { spec: { replicas: 4 } },
      [pod('w-1')]: { spec: {} },
      [pod('w-2')]: { spec: {} },
    });
    const scaler = new KubernetesScaler({ kind: 'deployment', name: 'w' });
    await Promise.all([scaler.retireWorker('w-1'), scaler.retireWorker('w-2')]);
    const cost = { annotations: { 'controller.kubernetes.io/pod-deletion-cost': '-1' } };
    const patches = asked.filter(({ method }) => method === 'PATCH');
    expect(patches.map(({ path, type }) => [path, type])).toEqual(
      [pod('w-1'), deployment, pod('w-2'), deployment].map((path) => [path, MERGE]),
    );
    expect(patches.map(({ body }) => body)).toMatchObject([
      { metadata: { name: 'w-1', ...cost } },
      { spec: { replicas: 3 } },
      { metadata: { name: 'w-2', ...cost } },
      { spec: { replicas: 2 } },
    ]);
  });

  it.each([
    ['scaledobject', scaledObject, {}, { minReplicaCount: 0, maxReplicaCount: 2 }],
    [
      'horizontalpodautoscaler',
      hpa,
      { apiVersion: 'apps/v1', kind: 'Deployment' },
      { minReplicas: 1, maxReplicas: 2 },
    ],
  ] as const)('lets a worker of a %s go for good', async (kind, path, reference, spec) => {
    const asked = await apiServer({
      [path]: { spec: { scaleTargetRef: { ...reference, name: 'w' } } },
      [deployment]: { spec: { replicas: 3 } },
      [pod('w-1')]: { spec: {} },
    });
    await new KubernetesScaler({ kind, name: 'w' }).retireWorker('w-1');
    expect(asked.at(-1)).toMatchObject({ method: 'PATCH', path, body: { spec } });
  });

  it('costs no other worker its place where the one that leaves is no pod', async () => {
    const asked = await apiServer({ [deployment]: { spec: { replicas: 4 } } });
    await new KubernetesScaler({ kind: 'deployment', name: 'w' }).retireWorker('laptop-3f');
    expect(asked.map(({ path }) => path)).toEqual([pod('laptop-3f')]);
  });

  it('says that a worker will come back where it may not touch its pod', async () => {
    await apiServer({ [deployment]: { spec: { replicas: 4 } }, forbidden: { spec: {} } });
    const leaving = new KubernetesScaler({ kind: 'deployment', name: 'w' }).retireWorker('w-1');
    await expect(leaving).rejects.toMatchObject({ code: 'cannot-scale' });
    await expect(leaving).rejects.toThrow(
      /w-1 leaves, but deployment w will start it again: .*403/,
    );
  });

  it('finds the object in another namespace', async () => {
    const elsewhere = deployment.replace('training', 'other');
    const asked = await apiServer({ [elsewhere]: { spec: {} } });
    const target = { kind: 'deployment', name: 'w', namespace: 'other' } as const;
    await new KubernetesScaler(target).scaleTo(1);
    expect(asked.map(({ path }) => path)).toEqual([elsewhere]);
  });

  it('says in the API server’s words why it cannot', async () => {
    await apiServer({});
    const scaling = new KubernetesScaler({ kind: 'deployment', name: 'w' }).scaleTo(1);
    await expect(scaling).rejects.toMatchObject({ code: 'cannot-scale' });
    await expect(scaling).rejects.toThrow(/403: lockstep may not PATCH this/);
  });

  it('says that no API server answers', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-kube-'));
    onTestFinished(() => {
      vi.unstubAllEnvs();
      rmSync(folder, { recursive: true });
    });
    writeFileSync(join(folder, 'config'), kubeconfig('http://127.0.0.1:9'));
    vi.stubEnv('KUBECONFIG', join(folder, 'config'));
    const scaling = new KubernetesScaler({ kind: 'deployment', name: 'w' }).scaleTo(1);
    await expect(scaling).rejects.toMatchObject({ code: 'cannot-scale' });
  });
});
