import { messageOf } from '@lockstep/core';
import type { KubernetesObject, KubernetesObjectApi } from '@kubernetes/client-node';

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

/** A cluster's objects, as far as a scaler touches them. */
export class Cluster {
  readonly #objects: KubernetesObjectApi;
  /** That of the service account, or of the kubeconfig's context. */
  readonly namespace: string;

  private constructor(objects: KubernetesObjectApi, namespace: string) {
    this.#objects = objects;
    this.namespace = namespace;
  }

  /**
   * The cluster of the kubeconfig, else the one that this process runs in. Its client is loaded with
   * the first request, and made anew each time: requests are rare, and a token may have been replaced
   * meanwhile.
   */
  static async connect(): Promise<Cluster> {
    const { KubeConfig, KubernetesObjectApi } = await import('@kubernetes/client-node');
    const config = new KubeConfig();
    config.loadFromDefault();
    const context = config.getContextObject(config.getCurrentContext());
    const objects = KubernetesObjectApi.makeApiClient(config);
    return new Cluster(objects, context?.namespace ?? 'default');
  }

  async change(object: Named, what: Change): Promise<void> {
    const patch = { ...object, ...what, metadata: { ...object.metadata, ...what.metadata } };
    await this.#objects.patch(patch, undefined, undefined, MANAGER, undefined, MERGE);
  }

  async specOf<Spec>(object: Named): Promise<Spec> {
    return (await this.#objects.read<Named & { spec: Spec }>(object)).spec;
  }
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
  const message = messageOf(cause);
  return (message.split('\n')[0] ?? '').trim();
}
