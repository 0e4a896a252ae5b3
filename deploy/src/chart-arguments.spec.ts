import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { mistakesIn, unreadBy } from './command-line.js';
import { CHART, renderChart, type Rendered } from './helm.js';
import { podTemplateOf, type Container } from './kubernetes-object.js';
import { obtainTool } from './tools.js';

const helm = await obtainTool('helm');
const names = readdirSync(join(CHART, 'ci'));
const why = 'missing' in helm ? ` (skipped: ${helm.missing})` : '';

/** The containers of Lockstep's own programs. */
function programsOf(rendered: Rendered | undefined): readonly Container[] {
  if (!rendered || 'error' in rendered) throw new Error(rendered?.error ?? 'it was not rendered');
  const containers = rendered.objects.flatMap((each) => podTemplateOf(each)?.spec.containers ?? []);
  return containers.filter(({ args }) => args !== undefined);
}

/** Those that have their value written down. */
function variablesOf({ env = [] }: Container): Readonly<Record<string, string>> {
  return Object.fromEntries(
    env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
  );
}

describe.skipIf('missing' in helm)(`the chart passes the programs what they take${why}`, () => {
  let rendered: readonly Rendered[] = [];
  beforeAll(async () => {
    if (!('path' in helm)) return;
    const texts = names.map((name) => readFileSync(join(CHART, 'ci', name), 'utf8'));
    rendered = (await renderChart(helm.path, texts)).rendered;
  });

  it.each(names)('with %s', async (name) => {
    const programs = programsOf(rendered[names.indexOf(name)]);
    expect(programs.map((each) => each.args?.[0]).sort()).toEqual(['coordinator', 'worker']);
    for (const program of programs) {
      // Kubernetes puts the pod's name in.
      const args = program.args?.map((arg) => arg.replaceAll('$(POD_NAME)', 'lockstep-worker-0'));
      expect(await mistakesIn(args ?? [], variablesOf(program))).toEqual([]);
      expect(await unreadBy(program.args?.[0] ?? '', variablesOf(program))).toEqual([]);
    }
  });
});
