/** A Kubernetes object, loosely typed: its schema is checked elsewhere. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: Loose;
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
  readonly rules?: readonly Loose[];
}

/** Part of one. */
export interface Loose {
  readonly [key: string]: Value;
}
type Value = string | number | boolean | Loose | readonly Value[] | undefined | null;

export interface Container {
  readonly name: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly resources?: {
    readonly limits?: Loose;
    readonly requests?: { readonly cpu?: string; readonly memory?: string };
  };
  readonly securityContext?: Loose;
  readonly livenessProbe?: Loose;
  readonly readinessProbe?: Loose;
}

export interface PodSpec {
  readonly containers: readonly Container[];
  readonly serviceAccountName?: string;
  readonly volumes?: readonly {
    readonly name: string;
    readonly secret?: { readonly secretName: string; readonly items?: readonly { key: string }[] };
    readonly configMap?: { readonly name: string };
  }[];
}

const WORKLOADS = ['Deployment', 'StatefulSet', 'Job'];

/** The pod template of an object, if it has one. */
export function podTemplateOf(
  object: KubernetesObject,
): { readonly labels: Readonly<Record<string, string>>; readonly spec: PodSpec } | undefined {
  if (!WORKLOADS.includes(object.kind)) return undefined;
  const template = object.spec?.['template'] as unknown as {
    metadata: { labels: Record<string, string> };
    spec: PodSpec;
  };
  return { labels: template.metadata.labels, spec: template.spec };
}
