import { LockstepError } from '@lockstep/core';
import type { KubernetesObject, KubernetesObjectApi } from '@kubernetes/client-node';
import type { ScaleTarget } from './scale-target.js';
import type { WorkerScaler } from './worker-scaler.js';

/** The cluster's objects, as far as a scaler touches them. */
interface Cluster {
  readonly objects: KubernetesObjectApi;
  /** That of the service account, or of the kubeconfig's context. */
  readonly namespace: string;
}

const PATIENCE_MS = 5_000;
/** KEDA holds the workers at this number, and asks no metric, while it is set. */
const PAUSED = 'autoscaling.keda.sh/paused-replicas';
/** RFC 7386: what is not named stays, what is null goes. */
const MERGE = 'application/merge-patch+json' as Parameters<KubernetesObjectApi['patch']>[5];

/**
 * Scales workers that run in Kubernetes: the replicas of their Deployment or, where KEDA or an HPA
 * scales that by `lockstep_workers_wanted`, the most that it may start. The cluster is that of the
 * kubeconfig, else the one that the coordinator runs in; its client is loaded with the first wish.
 */
export function createKubernetesScaler(target: ScaleTarget): WorkerScaler {
  return {
    scaleTo: async (count) => {
      try {
        await withinPatience(scale(target, count));
      } catch (cause) {
        throw cannotScale(target, cause);
      }
    },
  };
}

/** Connects anew each time: wishes are rare, and a token may have been replaced meanwhile. */
async function scale(target: ScaleTarget, count: number): Promise<void> {
  const cluster = await connect();
  const { name, namespace = cluster.namespace } = target;
  const object = { ...resources[target.kind], metadata: { name, namespace } };
  const change = await changes[target.kind](cluster, object, count);
  const patch = { ...object, ...change, metadata: { ...object.metadata, ...change.metadata } };
  const manager = 'lockstep';
  await cluster.objects.patch(patch, undefined, undefined, manager, undefined, MERGE);
}

async function connect(): Promise<Cluster> {
  const { KubeConfig, KubernetesObjectApi } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromDefault();
  const context = config.getContextObject(config.getCurrentContext());
  return {
    objects: KubernetesObjectApi.makeApiClient(config),
    namespace: context?.namespace ?? 'default',
  };
}

interface Change {
  readonly metadata?: object;
  readonly spec: object;
}

type Changes = (cluster: Cluster, object: Named, count: number) => Promise<Change>;

interface Named extends KubernetesObject {
  readonly metadata: { name: string; namespace: string };
}

const resources = {
  deployment: { apiVersion: 'apps/v1', kind: 'Deployment' },
  horizontalpodautoscaler: { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' },
  scaledobject: { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject' },
} as const satisfies Record<ScaleTarget['kind'], KubernetesObject>;

/** What makes each of them start so many workers; none may have a lower bound above the upper. */
const changes: Readonly<Record<ScaleTarget['kind'], Changes>> = {
  deployment: (_cluster, _object, replicas) => Promise.resolve({ spec: { replicas } }),
  horizontalpodautoscaler: async (cluster, object, count) => {
    if (count === 0) throw new Error('an HPA keeps one replica at least');
    const { minReplicas = 1 } = await specOf<{ minReplicas?: number }>(cluster, object);
    return { spec: { minReplicas: Math.min(minReplicas, count), maxReplicas: count } };
  },
  scaledobject: async (cluster, object, count) => {
    const spec = await specOf<{ minReplicaCount?: number }>(cluster, object);
    const minReplicaCount = Math.min(spec.minReplicaCount ?? 0, count);
    // It may not have an upper bound of 0, but can be held there.
    return {
      metadata: { annotations: { [PAUSED]: count === 0 ? '0' : null } },
      spec: { minReplicaCount, maxReplicaCount: Math.max(1, count) },
    };
  },
};

async function specOf<Spec>({ objects }: Cluster, object: Named): Promise<Spec> {
  return (await objects.read<Named & { spec: Spec }>(object)).spec;
}

async function withinPatience(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const silence = (): void => reject(new Error(`no answer within ${PATIENCE_MS} ms`));
    timer = setTimeout(silence, PATIENCE_MS);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function cannotScale({ kind, name }: ScaleTarget, cause: unknown): LockstepError {
  const reason = reasonOf(cause);
  return new LockstepError('cannot-scale', `${kind} ${name} cannot be scaled: ${reason}`, {
    remedy:
      'check that it exists and that the coordinator’s service account may get and patch it, or scale it by kubectl',
    cause,
  });
}

/** The API server's own words, which the client hides among headers. */
function reasonOf(cause: unknown): string {
  const { code, body } = cause as { code?: unknown; body?: unknown };
  const said = typeof body === 'string' ? /"message":\s*"([^"]*)"/.exec(body)?.[1] : undefined;
  if (said !== undefined) return `the API server says ${String(code)}: ${said}`;
  return (LockstepError.from(cause).message.split('\n')[0] ?? '').trim();
}
