import { openRunFolder } from '@lockstep/coordinator';
import { mustBeCurrentFormat } from '@lockstep/core';
import { withEngine } from '@lockstep/engine';
import { defineCommand } from '../command.js';
import { jsonOption, outOption, sampleOption } from '../options/run-options.js';
import { ProgressLine } from '../output/progress-line.js';
import { verifyRun, type Verification } from '../verify-run.js';

export const verify = defineCommand({
  name: 'verify',
  loadsTensorFlow: 'always',
  describe: 'compute a run again, and check its ledger and weights against the result',
  positional: [{ syntax: '<run>', describe: 'id or folder of the run' }],
  options: { out: outOption, ...sampleOption, ...jsonOption },
  run: async ({ options: { out, sample, json }, words: [run = ''] }) => {
    const folder = await openRunFolder(out, run);
    const { spec, model, data, runId } = folder.record;
    mustBeCurrentFormat(spec, runId);
    const progress = new ProgressLine(process.stdout, 'verified', 'steps');
    try {
      const result = await withEngine(
        { threads: spec.threads, device: spec.device },
        async (engine) => {
          await engine.run('prepare', { spec, model, data });
          return verifyRun(folder, engine, sample, (done, of) => progress.show(done, of));
        },
      );
      progress.end();
      const agrees = result.findings.length === 0;
      process.stdout.write(
        json
          ? `${JSON.stringify({ event: 'verified', runId, agrees, ...result })}\n`
          : inWords(runId, result),
      );
      return agrees ? 0 : 1;
    } finally {
      progress.end();
    }
  },
});

function inWords(runId: string, result: Verification): string {
  const { steps, recomputedSteps, checkpoints, findings } = result;
  const scope = `run ${runId}: ${recomputedSteps} of ${steps} steps computed again, ${checkpoints} checkpoints read`;
  if (findings.length === 0) return `${scope}: ledger and weights agree, bit for bit\n`;
  return `${scope}: ${findings.length} disagreements\n${findings.map((line) => `  ${line}\n`).join('')}`;
}
