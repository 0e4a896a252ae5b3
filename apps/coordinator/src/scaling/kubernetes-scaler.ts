import { LockstepError } from '@lockstep/core';
import type { KubernetesObject } from '@kubernetes/client-node';
import { Cluster, isAbsent, reasonOf, type Change, type Named } from './kubernetes-cluster.js';
import type { ScaleTarget } from './scale-target.js';
import type { WorkerScaler } from './worker-scaler.js';

const PATIENCE_MS = 5_000;
/** KEDA holds the workers at this number, and asks no metric, while it is set. */
const PAUSED = 'autoscaling.keda.sh/paused-replicas';
/** Of the pods that are ready, a ReplicaSet deletes the cheapest first: 0 is what others cost. */
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

/**
 * Scales workers that run in Kubernetes: the replicas of their Deployment or, where KEDA or an HPA
 * scales it by `lockstep_workers_wanted`, the autoscaler's maximum. To release a worker, the number
 * is reduced by one and its pod is marked as the one to delete.
 */
export class KubernetesScaler implements WorkerScaler {
  readonly kind = 'kubernetes';
  readonly target: string;
  readonly #target: ScaleTarget;
  #last = Promise.resolve();

  constructor(target: ScaleTarget) {
    this.#target = target;
    this.target = `${target.kind}/${target.name}`;
  }

  scaleTo(count: number): Promise<void> {
    const { kind, name } = this.#target;
    return this.#inTurn(`${kind} ${name} cannot be scaled`, () => scaleTo(this.#target, count));
  }

  retireWorker(worker: string): Promise<void> {
    const { kind, name } = this.#target;
    const failure = `${worker} leaves, but ${kind} ${name} will start it again`;
    return this.#inTurn(failure, () => retireWorker(this.#target, worker));
  }

  /** Executes requests one at a time: each starts from the number that the previous one set. */
  #inTurn(failure: string, request: () => Promise<void>): Promise<void> {
    const work = this.#last.then(async () => {
      try {
        await withinPatience(request());
      } catch (cause) {
        throw cannotScale(failure, cause);
      }
    });
    this.#last = work.catch(() => undefined);
    return work;
  }
}

async function scaleTo(target: ScaleTarget, count: number): Promise<void> {
  const cluster = await Cluster.connect();
  await scale(cluster, target.kind, named(cluster, target), count);
}

async function retireWorker(target: ScaleTarget, worker: string): Promise<void> {
  const cluster = await Cluster.connect();
  const object = named(cluster, target);
  const { namespace } = object.metadata;
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: worker, namespace } };
  try {
    await cluster.change(pod, { metadata: { annotations: { [DELETION_COST]: '-1' } } });
  } catch (cause) {
    // It runs elsewhere: nothing here starts it again, and no pod must lose its place for it.
    if (isAbsent(cause)) return;
    throw cause;
  }
  const replicas = await replicasOf(cluster, target.kind, object);
  await scale(cluster, target.kind, object, Math.max(0, replicas - 1));
}

const resources = {
  deployment: { apiVersion: 'apps/v1', kind: 'Deployment' },
  horizontalpodautoscaler: { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' },
  scaledobject: { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject' },
} as const satisfies Record<ScaleTarget['kind'], KubernetesObject>;

function named(cluster: Cluster, { kind, name, namespace }: ScaleTarget): Named {
  return { ...resources[kind], metadata: { name, namespace: namespace ?? cluster.namespace } };
}

async function scale(
  cluster: Cluster,
  kind: ScaleTarget['kind'],
  object: Named,
  count: number,
): Promise<void> {
  await cluster.change(object, await changes[kind](cluster, object, count));
}

type Changes = (cluster: Cluster, object: Named, count: number) => Promise<Change>;

/** What makes each of them start so many workers; none may have a lower bound above the upper. */
const changes: Readonly<Record<ScaleTarget['kind'], Changes>> = {
  deployment: (_cluster, _object, replicas) => Promise.resolve({ spec: { replicas } }),
  horizontalpodautoscaler: async (cluster, object, count) => {
    if (count === 0) throw new Error('an HPA keeps one replica at least');
    const { minReplicas = 1 } = await cluster.specOf<{ minReplicas?: number }>(object);
    return { spec: { minReplicas: Math.min(minReplicas, count), maxReplicas: count } };
  },
  scaledobject: async (cluster, object, count) => {
    const spec = await cluster.specOf<{ minReplicaCount?: number }>(object);
    const minReplicaCount = Math.min(spec.minReplicaCount ?? 0, count);
    // It may not have an upper bound of 0, but can be held there.
    return {
      metadata: { annotations: { [PAUSED]: count === 0 ? '0' : null } },
      spec: { minReplicaCount, maxReplicaCount: Math.max(1, count) },
    };
  },
};

/** How many there are to be now: an autoscaler writes that into the Deployment that it scales. */
async function replicasOf(
  cluster: Cluster,
  kind: ScaleTarget['kind'],
  object: Named,
): Promise<number> {
  const deployment = kind === 'deployment' ? object : await scaledBy(cluster, object);
  return (await cluster.specOf<{ replicas?: number }>(deployment)).replicas ?? 1;
}

/** What an HPA or a ScaledObject scales; KEDA takes a Deployment where nothing else is said. */
async function scaledBy(cluster: Cluster, { metadata, ...object }: Named): Promise<Named> {
  const { scaleTargetRef } = await cluster.specOf<{
    scaleTargetRef: { apiVersion?: string; kind?: string; name: string };
  }>({ ...object, metadata });
  const { name, ...resource } = scaleTargetRef;
  const { apiVersion, kind } = { ...resources.deployment, ...resource };
  return { apiVersion, kind, metadata: { name, namespace: metadata.namespace } };
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

function cannotScale(what: string, cause: unknown): LockstepError {
  return new LockstepError('cannot-scale', `${what}: ${reasonOf(cause)}`, {
    remedy:
      'check that it exists and that the coordinator’s service account may get and patch it and ' +
      'its pods, or scale it by kubectl',
    cause,
  });
}
