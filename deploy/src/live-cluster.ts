import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { KubernetesObject } from './kubernetes-object.js';

/** The kinds that charts look up or create here, by their group and version. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  v1: ['Secret', 'ConfigMap', 'Service', 'ServiceAccount'],
  'apps/v1': ['Deployment', 'StatefulSet'],
  'batch/v1': ['Job'],
  'policy/v1': ['PodDisruptionBudget'],
  'networking.k8s.io/v1': ['NetworkPolicy'],
  'rbac.authorization.k8s.io/v1': ['Role', 'RoleBinding'],
  'autoscaling/v2': ['HorizontalPodAutoscaler'],
  'keda.sh/v1alpha1': ['ScaledObject', 'TriggerAuthentication'],
};

/** An OpenAPI document (a protobuf message) that describes no type, so that no object is checked. */
const NO_SCHEMAS = Buffer.from('\n\u00032.0');

const plural = (kind: string): string => `${kind.toLowerCase().replace(/y$/, 'ie')}s`;
const root = (version: string): string => (version === 'v1' ? '/api/v1' : `/apis/${version}`);

/** An API server with objects to read. */
export interface LiveCluster {
  readonly kubeconfig: string;
  close(): void;
}

/**
 * Starts an API server that serves these objects as the live ones of a release.
 *
 * @param release name and namespace of the release that owns them
 */
export async function startLiveCluster(
  objects: readonly KubernetesObject[],
  release: { readonly name: string; readonly namespace: string },
): Promise<LiveCluster> {
  const documents = new Map<string, object>([
    ['/version', { major: '1', minor: '34', gitVersion: 'v1.34.0' }],
    ...discovery(),
  ]);
  for (const object of objects) {
    const { apiVersion, kind, metadata } = object;
    const path = `${root(apiVersion)}/namespaces/${release.namespace}/${plural(kind)}/${metadata.name}`;
    documents.set(path, ownedBy(object, release));
  }
  const server = createServer(({ url = '' }, response) => {
    const path = url.split('?')[0] ?? '';
    if (path === '/openapi/v2') {
      const type = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
      return void response.writeHead(200, { 'content-type': type }).end(NO_SCHEMAS);
    }
    const found = documents.get(path);
    return found ? answer(response, 200, found) : answer(response, 404, NOT_FOUND);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    kubeconfig: kubeconfigOf(`http://127.0.0.1:${port}`),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const NOT_FOUND = { kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404 };

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** The discovery documents, from which a client finds the paths of the kinds. */
function discovery(): readonly (readonly [string, object])[] {
  const groups = Object.keys(KINDS)
    .filter((version) => version !== 'v1')
    .map((groupVersion) => {
      const [name, version] = groupVersion.split('/');
      return {
        name,
        versions: [{ groupVersion, version }],
        preferredVersion: { groupVersion, version },
      };
    });
  const lists = Object.entries(KINDS).map(([groupVersion, kinds]) => {
    const resources = kinds.map((kind) => ({
      ...{ name: plural(kind), singularName: kind.toLowerCase(), kind, namespaced: true },
      verbs: ['get', 'create', 'patch'],
    }));
    return [root(groupVersion), { kind: 'APIResourceList', groupVersion, resources }] as const;
  });
  return [
    ['/api', { kind: 'APIVersions', versions: ['v1'] }],
    ['/apis', { kind: 'APIGroupList', groups }],
    ...lists,
  ];
}

/** Helm does not adopt objects of another owner. */
function ownedBy(
  object: KubernetesObject,
  { name, namespace }: { readonly name: string; readonly namespace: string },
): object {
  const { labels, annotations } = object.metadata;
  const owner = { 'meta.helm.sh/release-name': name, 'meta.helm.sh/release-namespace': namespace };
  const metadata = {
    ...object.metadata,
    namespace,
    labels: { ...labels, 'app.kubernetes.io/managed-by': 'Helm' },
    annotations: { ...annotations, ...owner },
  };
  return { ...object, metadata };
}

function kubeconfigOf(server: string): string {
  return JSON.stringify({
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'live' },
    clusters: [{ name: 'live', cluster: { server } }],
    users: [{ name: 'live', user: {} }],
    contexts: [{ name: 'live', context: { cluster: 'live', user: 'live' } }],
  });
}
