import { openRunFolder } from '@lockstep/coordinator';
import { withEngine } from '@lockstep/engine';
import type { CommandDefinition } from '../command.js';
import { jsonOption, leadOptions, sampleOption } from '../options/option-table.js';
import { createProgressLine } from '../output/progress-line.js';
import { verifyRun, type Verification } from '../verify-run.js';

export const verify: CommandDefinition = {
  name: 'verify',
  loadsTensorFlow: true,
  describe: 'compute a run again, and say whether its ledger and weights agree',
  positional: [{ syntax: '<run>', describe: 'id or folder of the run' }],
  options: [...leadOptions.filter(({ flag }) => flag === 'out'), sampleOption, jsonOption],
  run: async (options, [run = '']) => {
    const folder = await openRunFolder(options['out'] as string, run);
    const { spec, model, data, runId } = folder.record;
    const progress = createProgressLine(process.stdout, 'verified', 'steps');
    const sample = options['sample'] as number | undefined;
    try {
      const result = await withEngine(
        { threads: spec.threads, device: spec.device },
        async (engine) => {
          await engine.run('prepare', { spec, model, data });
          return verifyRun(folder, engine, sample, progress.show);
        },
      );
      progress.end();
      const agrees = result.findings.length === 0;
      process.stdout.write(
        options['json'] === true
          ? `${JSON.stringify({ event: 'verified', runId, agrees, ...result })}\n`
          : inWords(runId, result),
      );
      return agrees ? 0 : 1;
    } finally {
      progress.end();
    }
  },
};

function inWords(runId: string, result: Verification): string {
  const { steps, recomputedSteps, checkpoints, findings } = result;
  const scope = `run ${runId}: ${recomputedSteps} of ${steps} steps computed again, ${checkpoints} checkpoints read`;
  if (findings.length === 0) return `${scope}: ledger and weights agree, bit for bit\n`;
  return `${scope}: ${findings.length} disagreements\n${findings.map((line) => `  ${line}\n`).join('')}`;
}
