import type { KubernetesObject, KubernetesObjectApi } from '@kubernetes/client-node';

/** The cluster's objects, as far as a scaler touches them. */
export interface Cluster {
  readonly objects: KubernetesObjectApi;
  /** That of the service account, or of the kubeconfig's context. */
  readonly namespace: string;
}

/** An object by its name. */
export interface Named extends KubernetesObject {
  readonly metadata: { name: string; namespace: string };
}

/** Changes to an object; fields that are null are deleted. */
export interface Change {
  readonly metadata?: object;
  readonly spec?: object;
}

/** RFC 7386: fields that are absent stay, fields that are null are deleted. */
const MERGE = 'application/merge-patch+json' as Parameters<KubernetesObjectApi['patch']>[5];
const MANAGER = 'lockstep';

/**
 * The cluster of the kubeconfig, else the one that this process runs in. Its client is loaded with
 * the first wish, and made anew each time: wishes are rare, and a token may have been replaced
 * meanwhile.
 */
export async function connect(): Promise<Cluster> {
  const { KubeConfig, KubernetesObjectApi } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromDefault();
  const context = config.getContextObject(config.getCurrentContext());
  return {
    objects: KubernetesObjectApi.makeApiClient(config),
    namespace: context?.namespace ?? 'default',
  };
}

export async function change({ objects }: Cluster, object: Named, what: Change): Promise<void> {
  const patch = { ...object, ...what, metadata: { ...object.metadata, ...what.metadata } };
  await objects.patch(patch, undefined, undefined, MANAGER, undefined, MERGE);
}

export async function specOf<Spec>({ objects }: Cluster, object: Named): Promise<Spec> {
  return (await objects.read<Named & { spec: Spec }>(object)).spec;
}

/** Whether the API server says that there is no such object. */
export function isAbsent(cause: unknown): boolean {
  return (cause as { code?: unknown }).code === 404;
}

/** The API server's own words, which the client hides among headers; else the error's first line. */
export function reasonOf(cause: unknown): string {
  const { code, body } = cause as { code?: unknown; body?: unknown };
  const said = typeof body === 'string' ? /"message":\s*"([^"]*)"/.exec(body)?.[1] : undefined;
  if (said !== undefined) return `the API server says ${String(code)}: ${said}`;
  const message = cause instanceof Error ? cause.message : String(cause);
  return (message.split('\n')[0] ?? '').trim();
}
