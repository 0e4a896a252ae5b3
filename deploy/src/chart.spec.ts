import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { checkReferences } from './check-references.js';
import { checkSchema } from './check-schema.js';
import { CHART, renderChart, type Rendered } from './helm.js';
import { podTemplateOf, type Container, type KubernetesObject } from './kubernetes-object.js';
import { obtainTool } from './tools.js';

const helm = await obtainTool('helm');
const names = readdirSync(join(CHART, 'ci'));
const texts = names.map((name) => readFileSync(join(CHART, 'ci', name), 'utf8'));

const byName = new Map<string, Rendered>();
let findings: readonly { severity: number; error: string }[] = [];

beforeAll(async () => {
  if (!('path' in helm)) return;
  const all = await renderChart(helm.path, texts);
  findings = all.findings;
  names.forEach((name, i) => byName.set(name, all.rendered[i] ?? { error: 'nothing came' }));
});

function objectsOf(name: string): readonly KubernetesObject[] {
  const rendered = byName.get(name) ?? { error: 'the chart was not rendered' };
  if ('error' in rendered) throw new Error(rendered.error);
  return rendered.objects;
}

function find(name: string, kind: string, component: string): KubernetesObject | undefined {
  return objectsOf(name).find(
    (object) =>
      object.kind === kind && object.metadata.labels?.['app.kubernetes.io/component'] === component,
  );
}

function containers(name: string): readonly Container[] {
  return objectsOf(name).flatMap((object) => podTemplateOf(object)?.spec.containers ?? []);
}

/** Arguments that follow a flag, of the container that has it. */
function argument(name: string, container: string, flag: string): string | undefined {
  const { args = [] } = containers(name).find((each) => each.name === container) ?? {};
  return args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined;
}

/** Secrets and claims that exist already according to the values. */
function givenBy(text: string): string[] {
  const values = (parse(text) ?? {}) as Record<string, Record<string, string> | undefined>;
  const { redis, tls, auth } = values;
  return [redis?.['existingSecret'], tls?.['serverSecret'], tls?.['clientSecret']]
    .concat(auth?.['existingSecret'])
    .filter((name) => name !== undefined);
}

interface Requests {
  readonly cpu?: string;
  readonly memory?: string;
}

const UNITS: Readonly<Record<string, number>> = { m: 1e-3, '': 1, Mi: 2 ** 20, Gi: 2 ** 30 };

function quantity(text: string): number {
  const [, number, unit = ''] = /^([0-9.]+)([a-zA-Z]*)$/.exec(text) ?? [];
  return Number(number) * (UNITS[unit] ?? NaN);
}

const why = 'missing' in helm ? ` (skipped: ${helm.missing})` : '';

describe.skipIf('missing' in helm)(`the Helm chart${why}`, () => {
  it('passes Helm’s own linter', () => {
    expect(findings.filter(({ severity }) => severity > 1)).toEqual([]);
  });

  describe.each(names.map((name, i) => [name, texts[i] ?? ''] as const))(
    'with %s',
    (name, text) => {
      it('renders objects that fit Kubernetes’ schemas, and each other', async () => {
        const objects = objectsOf(name);
        const wrong = await Promise.all(
          objects.map(async (object) => {
            const mistakes = await checkSchema(object);
            return mistakes.map((mistake) => `${object.kind} ${object.metadata.name}: ${mistake}`);
          }),
        );
        expect(wrong.flat()).toEqual([]);
        expect(checkReferences(objects, givenBy(text))).toEqual([]);
        const ids = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
        expect(new Set(ids).size).toBe(ids.length);
      });

      it('labels every object, and gives containers no more than they need', () => {
        for (const { metadata } of objectsOf(name)) {
          expect(metadata.labels).toMatchObject({
            'app.kubernetes.io/instance': 'train',
            'app.kubernetes.io/part-of': 'lockstep',
          });
        }
        for (const { securityContext } of containers(name)) {
          expect(securityContext).toMatchObject({
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          });
        }
      });
    },
  );

  it('encrypts all connections and requires tokens by default', () => {
    for (const name of names.filter((each) => !/trusted|prometheus/.test(each))) {
      expect(argument(name, 'coordinator', '--tls-cert')).toBeDefined();
      expect(argument(name, 'coordinator', '--tls-ca')).toBeDefined();
      expect(argument(name, 'coordinator', '--join-tokens')).toBeDefined();
      expect(argument(name, 'coordinator', '--admin-token-file')).toBeDefined();
      expect(argument(name, 'worker', '--join-token-file')).toBeDefined();
      const args = containers(name).flatMap((each) => each.args ?? []);
      expect(args).not.toContain('--insecure');
    }
    const conf = find('default.yaml', 'ConfigMap', 'redis')?.data?.['redis.conf'];
    expect(conf).toMatch(/^port 0$/m);
    expect(conf).toMatch(/^appendonly yes$/m);
    expect(conf).toMatch(/^maxmemory-policy noeviction$/m);
  });

  it('gives a worker only its own token', () => {
    const pod = podTemplateOf(find('default.yaml', 'Deployment', 'worker') as KubernetesObject);
    const auth = pod?.spec.volumes?.find((each) => each.name === 'auth');
    expect(auth?.secret?.items).toEqual([{ key: 'join-token', path: 'join-token' }]);
  });

  it('probes the coordinator at a port of its own', () => {
    expect(argument('default.yaml', 'coordinator', '--probes')).toBe('0.0.0.0:8081');
    const [coordinator] = containers('default.yaml').filter(({ name }) => name === 'coordinator');
    const at = (path: string) => ({ httpGet: { path, port: 'probes', scheme: 'HTTP' } });
    expect(coordinator).toMatchObject({
      ports: expect.arrayContaining([{ name: 'probes', containerPort: 8081 }]) as unknown,
      ...{ livenessProbe: at('/healthz'), readinessProbe: at('/readyz') },
    });
  });

  it('scales by KEDA, by an HPA or on request, and lets a request change the scaler', () => {
    expect(argument('default.yaml', 'coordinator', '--scale-target')).toBe(
      'deployment/train-lockstep-worker',
    );
    expect(argument('keda.yaml', 'coordinator', '--scale-target')).toBe(
      'scaledobject/train-lockstep-worker',
    );
    expect(argument('hpa.yaml', 'coordinator', '--scale-target')).toBe(
      'horizontalpodautoscaler/train-lockstep-worker',
    );
    expect(argument('job.yaml', 'coordinator', '--scaler')).toBe('none');
    expect(find('default.yaml', 'Deployment', 'worker')?.spec?.['replicas']).toBe(2);
    for (const [name, kind] of [
      ['keda.yaml', 'ScaledObject'],
      ['hpa.yaml', 'HorizontalPodAutoscaler'],
    ] as const) {
      expect(find(name, kind, 'worker')).toBeDefined();
      // The scaler sets the number, and an upgrade must not undo that.
      expect(find(name, 'Deployment', 'worker')?.spec).not.toHaveProperty('replicas');
      const scalers = objectsOf(name).filter(
        (each) => /Scale/.test(each.kind) || /Autoscaler/.test(each.kind),
      );
      expect(scalers.map((each) => each.kind)).toEqual([kind]);
      const [rule] = find(name, 'Role', 'coordinator')?.rules ?? [];
      expect(rule?.['resourceNames']).toEqual(['train-lockstep-worker']);
    }
  });

  it('lets the coordinator read the worker pods, and mark the pod of a drained worker', () => {
    const list = (words: unknown): string => (words as readonly string[]).join(' ');
    const rightsOf = (name: string): readonly string[] => {
      const rules = find(name, 'Role', 'coordinator')?.rules ?? [];
      return rules.map(({ resources, verbs }) => `${list(resources)} ${list(verbs)}`);
    };
    expect(rightsOf('default.yaml')).toEqual(['deployments get patch', 'pods get patch']);
    expect(rightsOf('keda.yaml')).toEqual([
      'scaledobjects get patch',
      'deployments get',
      'pods get patch',
    ]);
    expect(rightsOf('hpa.yaml')[0]).toBe('horizontalpodautoscalers get patch');
    expect(rightsOf('job.yaml')).toEqual([]);
  });

  it('requests GPUs, and uses the images for them', () => {
    const programs = containers('gpu-indexed-job.yaml').filter(({ args }) => args !== undefined);
    for (const { name, resources } of programs) {
      expect(resources?.limits).toMatchObject({ 'nvidia.com/gpu': 1 });
      expect(argument('gpu-indexed-job.yaml', name, '--device')).toBe('gpu');
    }
    expect(find('gpu-indexed-job.yaml', 'Job', 'worker')?.spec).toMatchObject({
      completionMode: 'Indexed',
      completions: 4,
      parallelism: 4,
    });
  });

  it('contains its dashboard and its rules', () => {
    const name = 'cert-manager-monitored.yaml';
    const dashboard = find(name, 'ConfigMap', 'dashboard')?.data?.['lockstep.json'] ?? '';
    const rules = find(name, 'PrometheusRule', 'rules')?.spec;
    const file = (path: string): string => readFileSync(join(CHART, 'files', path), 'utf8');
    expect(JSON.parse(dashboard)).toEqual(JSON.parse(file('dashboard.json')));
    expect(rules).toEqual(parse(file('rules.yaml')));
  });

  it('is self-contained: a copy without links renders the same', async () => {
    if (!('path' in helm)) return;
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-chart-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    cpSync(CHART, folder, { recursive: true, verbatimSymlinks: true });
    const monitored = texts[names.indexOf('cert-manager-monitored.yaml')] ?? '';
    const [copy] = (await renderChart(helm.path, [monitored], { chart: folder })).rendered;
    // Each rendering generates new passwords and tokens.
    const lasting = (objects: readonly KubernetesObject[] = []): readonly KubernetesObject[] =>
      objects.filter(({ kind }) => kind !== 'Secret');
    expect(copy).not.toHaveProperty('error');
    expect(lasting(copy && 'objects' in copy ? copy.objects : [])).toEqual(
      lasting(objectsOf('cert-manager-monitored.yaml')),
    );
  });

  it('has a disruption budget only where Kubernetes can compute one', () => {
    const budgets = (name: string): readonly string[] =>
      objectsOf(name)
        .filter(({ kind }) => kind === 'PodDisruptionBudget')
        .map(({ metadata }) => metadata.name);
    const [coordinator, worker] = ['train-lockstep-coordinator', 'train-lockstep-worker'];
    expect(budgets('default.yaml')).toEqual([coordinator, worker]);
    expect(budgets('job.yaml')).toEqual([coordinator]);
    expect(budgets('gpu-indexed-job.yaml')).toEqual([coordinator]);
    // A pod that is not ready can always be evicted.
    expect(find('default.yaml', 'PodDisruptionBudget', 'worker')?.spec).toMatchObject({
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    });
  });

  it('replaces an evicted or interrupted worker of a Job, and ends it when the run has finished', () => {
    for (const name of ['job.yaml', 'gpu-indexed-job.yaml']) {
      const job = find(name, 'Job', 'worker')?.spec;
      expect(job).toMatchObject({
        completions: job?.['parallelism'],
        podFailurePolicy: {
          rules: [
            { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
            {
              action: 'Ignore',
              onExitCodes: { containerName: 'worker', operator: 'In', values: [130, 143] },
            },
          ],
        },
      });
      expect(argument(name, 'worker', '--leave-when')).toBe('finished');
    }
    expect(argument('default.yaml', 'worker', '--leave-when')).toBeUndefined();
  });

  it('fits on a node of two cores, beside the cluster’s own pods', () => {
    const ofAll = (of: (requests: Requests) => number): number =>
      objectsOf('default.yaml')
        .flatMap((object) => {
          const pods = podTemplateOf(object)?.spec.containers ?? [];
          const replicas = Number(object.spec?.['replicas'] ?? 1);
          return pods.map(({ resources }) => replicas * of(resources?.requests ?? {}));
        })
        .reduce((sum, each) => sum + each, 0);
    expect(ofAll(({ cpu = '' }) => quantity(cpu))).toBeLessThanOrEqual(1);
    expect(ofAll(({ memory = '' }) => quantity(memory))).toBeLessThanOrEqual(2.5 * 2 ** 30);
  });

  it.each([
    ['an unknown value', 'worker: { replicas: 3 }'],
    ['a kind of workers that there is not', 'workers: { kind: DaemonSet }'],
    ['an autoscaler for a Job', 'workers: { kind: Job }\nautoscaling: { kind: keda }'],
    ['two Redises', 'redis: { enabled: true, url: "redis://elsewhere" }'],
    ['no Redis', 'redis: { enabled: false }'],
    ['a password in an address', 'redis: { enabled: false, url: "redis://me:secret@elsewhere" }'],
    ['existing certificates without their Secrets', 'tls: { mode: existing }'],
    ['cert-manager without an issuer', 'tls: { mode: cert-manager }'],
    ['a disruption budget that is no number', 'podDisruptionBudget: { maxUnavailable: some }'],
    ['KEDA with a Prometheus nowhere', 'autoscaling: { kind: keda, keda: { source: prometheus } }'],
  ])('refuses %s', async (_what, text) => {
    if (!('path' in helm)) return;
    const { rendered } = await renderChart(helm.path, [text]);
    expect(rendered[0]).toHaveProperty('error');
  });
});
