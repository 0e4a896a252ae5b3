/** What can be scaled in Kubernetes: the workers' Deployment, or what scales that. */
export const scaleTargetKinds = ['deployment', 'scaledobject', 'horizontalpodautoscaler'] as const;

export interface ScaleTarget {
  readonly kind: (typeof scaleTargetKinds)[number];
  readonly name: string;
  /** By default the coordinator's own, or that of the kubeconfig's context. */
  readonly namespace?: string;
}

/** A Kubernetes name: RFC 1123, as the API server checks it. */
const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/** `deployment/lockstep-worker`, or `namespace/deployment/lockstep-worker`; undefined for others. */
export function parseScaleTarget(text: string): ScaleTarget | undefined {
  const parts = text.split('/');
  const [name = '', word = '', namespace] = parts.reverse();
  const kind = scaleTargetKinds.find((each) => each === word);
  if (kind === undefined || parts.length > 3 || !NAME.test(name)) return undefined;
  if (namespace === undefined) return { kind, name };
  return NAME.test(namespace) ? { kind, name, namespace } : undefined;
}
