import * as client from '@kubernetes/client-node';
import type { KubernetesObject } from './kubernetes-object.js';

/**
 * Checks an object against the schema of its kind: required fields and their types by the OpenAPI
 * schemas in kubernetes-models; no further fields by the official client's types, since Kubernetes
 * drops unknown fields silently.
 *
 * @returns the problems found, each with its path
 */
export async function checkSchema(object: KubernetesObject): Promise<readonly string[]> {
  const model = await modelOf(object);
  if (!model) return [`there is no schema for ${object.apiVersion} ${object.kind}`];
  const wrong: string[] = [];
  try {
    new model(structuredClone(object)).validate();
  } catch (error) {
    wrong.push(error instanceof Error ? error.message : String(error));
  }
  return [...wrong, ...unknownFields(object, clientTypeOf(object), '')];
}

type Model = new (data: KubernetesObject) => { validate(): void };

/** Kinds that operators bring. */
const elsewhere: Readonly<Record<string, string>> = {
  'keda.sh': '@kubernetes-models/keda',
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
  'cert-manager.io': '@kubernetes-models/cert-manager',
};

async function modelOf({ apiVersion, kind }: KubernetesObject): Promise<Model | undefined> {
  const home = elsewhere[apiVersion.split('/')[0] ?? ''] ?? 'kubernetes-models';
  const kinds = (await import(`${home}/${apiVersion}`)) as Record<string, Model>;
  return kinds[kind];
}

interface ClientType {
  getAttributeTypeMap(): readonly { readonly baseName: string; readonly type: string }[];
}

const clientTypes = client as unknown as Readonly<Record<string, ClientType>>;

function clientTypeOf({ apiVersion, kind }: KubernetesObject): string {
  const version = apiVersion.split('/').at(-1) ?? '';
  return `${version.charAt(0).toUpperCase()}${version.slice(1)}${kind}`;
}

/** Follows the types as the client writes them: `V1PodSpec`, `Array<V1Container>`, maps and scalars. */
function unknownFields(value: unknown, type: string, place: string): string[] {
  const [, element] = /^Array<(.*)>$/.exec(type) ?? [];
  if (element !== undefined) {
    const items = Array.isArray(value) ? (value as unknown[]) : [];
    return items.flatMap((item, i) => unknownFields(item, element, `${place}[${i}]`));
  }
  const known = clientTypes[type]?.getAttributeTypeMap?.();
  if (!known || typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([field, inner]) => {
    const attribute = known.find(({ baseName }) => baseName === field);
    const where = `${place}.${field}`;
    return attribute ? unknownFields(inner, attribute.type, where) : [`${where} is no field`];
  });
}
