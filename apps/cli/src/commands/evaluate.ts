import { planEvaluation } from '@lockstep/data';
import type { CommandDefinition } from '../command.js';
import { jsonOption, leadOptions } from '../options/option-table.js';
import { withSavedRun } from './saved-run.js';

const SHARD_SIZE = 100;

export const evaluate: CommandDefinition = {
  name: 'evaluate',
  loadsTensorFlow: true,
  describe: 'the test accuracy of a run’s last checkpoint',
  positional: [{ syntax: '<run>', describe: 'id or folder of the run' }],
  options: [...leadOptions.filter(({ flag }) => flag === 'out'), jsonOption],
  run: (options, [run = '']) =>
    withSavedRun(options['out'] as string, run, true, async ({ engine, record, version }) => {
      const { runId, spec } = record;
      await engine.run('pin', { version });
      let correct = 0;
      for (const shard of planEvaluation(spec.data.testCount, version, SHARD_SIZE)) {
        correct += (await engine.run('evaluate', { shard })).correctCount;
      }
      const testAccuracy = correct / spec.data.testCount;
      process.stdout.write(
        options['json'] === true
          ? `${JSON.stringify({ event: 'evaluation', runId, step: version, testAccuracy })}\n`
          : `run ${runId}, step ${version}: test accuracy ${(100 * testAccuracy).toFixed(2)} % (${correct} of ${spec.data.testCount})\n`,
      );
      return 0;
    }),
};
