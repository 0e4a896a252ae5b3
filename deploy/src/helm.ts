import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import type { KubernetesObject } from './kubernetes-object.js';

export const CHART = fileURLToPath(new URL('../helm/lockstep', import.meta.url));
const SCRIPT = fileURLToPath(new URL('./helm.py', import.meta.url));

/** The objects that Helm rendered from some values, or its error. */
export type Rendered =
  | { readonly objects: readonly KubernetesObject[]; readonly notes: string }
  | { readonly error: string };

interface Answer {
  readonly findings: readonly { severity: number; path: string; error: string }[];
  readonly releases: readonly ({ files: Record<string, string> } | { error: string })[];
}

/**
 * Renders the chart once for each text of values, as release `train` in namespace `ml`.
 *
 * @param helm the folder of Helm's engine
 * @param chart the chart's folder
 * @param kubeconfig of an API server that the templates look up objects from; without it they find none
 */
export async function renderChart(
  helm: string,
  values: readonly string[],
  { chart = CHART, kubeconfig }: { readonly chart?: string; readonly kubeconfig?: string } = {},
): Promise<{ findings: Answer['findings']; rendered: readonly Rendered[] }> {
  const child = spawn('python3', [SCRIPT], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, PYTHONPATH: dirname(helm) },
  });
  const releases = values.map((text) => ({ values: text, name: 'train', namespace: 'ml' }));
  child.stdin.end(JSON.stringify({ chart, releases, kubeconfig }));
  const answer = (await json(child.stdout)) as Answer;
  return { findings: answer.findings, rendered: answer.releases.map(read) };
}

function read(release: Answer['releases'][number]): Rendered {
  if ('error' in release) return release;
  const entries = Object.entries(release.files);
  const isNotes = ([name]: [string, string]): boolean => name.endsWith('NOTES.txt');
  const documents = entries
    .filter((entry) => !isNotes(entry))
    // Kubernetes reads YAML 1.1, where 0440 is octal.
    .flatMap(([, text]) => parseAllDocuments(text, { version: '1.1' }));
  const objects = documents.map((document) => document.toJS() as KubernetesObject | null);
  return {
    objects: objects.filter((object) => object !== null),
    notes: entries.find(isNotes)?.[1] ?? '',
  };
}
