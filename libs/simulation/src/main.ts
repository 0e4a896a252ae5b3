import { parseArgs } from 'node:util';
import { plantedBugs, plantedWorkerBugs } from './planted-bugs.js';
import { simulate, simulateMany, type SimulationResult } from './simulation.js';

/*
 * Plays simulations:
 *   node dist/main.js --seeds 10000 --from 0
 *   node dist/main.js --seed 1234 --trace
 *   node dist/main.js --bug "counts a late contribution"
 */
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
const report = ({ seed, violations, tookMs, terms }: SimulationResult): void =>
  say(
    `seed ${seed}: ${violations.join('; ') || 'all is well'} (${tookMs} virtual ms, ${terms} coordinators)`,
  );
const planted =
  values.bug === undefined ? {} : { ...plantedBugs, ...plantedWorkerBugs }[values.bug];
if (planted === undefined) throw new Error(`no bug is named ${values.bug}`);

if (values.seed === undefined) {
  const from = Number(values.from);
  const started = performance.now();
  const { played, failures } = await simulateMany(from, from + Number(values.seeds), planted, 20);
  const seconds = (performance.now() - started) / 1000;
  failures.forEach(report);
  const rate = (played / seconds).toFixed(0);
  say(`${played} seeds, ${failures.length} failed, ${rate} seeds a second`);
  process.exitCode = failures.length > 0 ? 1 : 0;
} else {
  const settings = { ...planted, ...(values.trace ? { trace: say } : {}) };
  const result = await simulate(Number(values.seed), settings);
  report(result);
  process.exitCode = result.violations.length > 0 ? 1 : 0;
}
