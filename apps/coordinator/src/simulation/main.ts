import { parseArgs } from 'node:util';
import { plantedBugs } from './planted-bugs.js';
import { simulate } from './simulation.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '0' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    bug: { type: 'string' },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const from = Number(values.seed ?? values.from);
const count = values.seed === undefined ? Number(values.seeds) : 1;
const started = performance.now();
const planted = values.bug === undefined ? {} : plantedBugs[values.bug];
let failed = 0;
for (let seed = from; seed < from + count; seed++) {
  const { violations, tookMs, terms } = await simulate(seed, {
    ...planted,
    ...(values.trace ? { trace: say } : {}),
  });
  if (violations.length === 0 && values.seed === undefined) continue;
  failed += violations.length > 0 ? 1 : 0;
  say(
    `seed ${seed}: ${violations.join('; ') || 'all is well'} (${tookMs} ms, ${terms} coordinators)`,
  );
  if (failed >= 20) break;
}
const seconds = (performance.now() - started) / 1000;
say(`${count} seeds, ${failed} failed, ${(count / seconds).toFixed(0)} seeds a second`);
process.exitCode = failed > 0 ? 1 : 0;
