import { correctCountIn } from '@lockstep/core';
import { planEvaluation } from '@lockstep/data';
import { defineCommand } from '../command.js';
import { jsonOption, outOption } from '../options/run-options.js';
import { withSavedRun } from './saved-run.js';

const SHARD_SIZE = 100;

export const evaluate = defineCommand({
  name: 'evaluate',
  loadsTensorFlow: 'always',
  describe: 'compute the test accuracy of a run’s last checkpoint',
  positional: [{ syntax: '<run>', describe: 'id or folder of the run' }],
  options: { out: outOption, ...jsonOption },
  run: ({ options, words: [run = ''] }) =>
    withSavedRun(options.out, run, true, async ({ engine, record, version }) => {
      const { runId, spec } = record;
      await engine.run('pin', { version });
      let correct = 0;
      for (const shard of planEvaluation(spec.data.testCount, version, SHARD_SIZE)) {
        const { metricSums } = await engine.run('evaluate', { shard });
        correct += correctCountIn(spec.model, metricSums) ?? 0;
      }
      const testAccuracy = correct / spec.data.testCount;
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ event: 'evaluation', runId, step: version, testAccuracy })}\n`
          : `run ${runId}, step ${version}: test accuracy ${(100 * testAccuracy).toFixed(2)} % (${correct} of ${spec.data.testCount})\n`,
      );
      return 0;
    }),
});
