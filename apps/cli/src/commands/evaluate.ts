import { planEvaluation } from '@lockstep/data';
import type { EngineCommands } from '@lockstep/engine';
import { finishMetrics } from '@lockstep/model/objective';
import { defineCommand } from '../command.js';
import { metricsText } from '../output/metrics-text.js';
import { jsonOption, outOption } from '../options/run-options.js';
import { withSavedRun } from './saved-run.js';

const SHARD_SIZE = 100;

export const evaluate = defineCommand({
  name: 'evaluate',
  loadsTensorFlow: 'always',
  describe: 'compute the metrics of a run’s model on the test set',
  positional: [{ syntax: '<run>', describe: 'id or folder of the run' }],
  options: { out: outOption, ...jsonOption },
  run: ({ options, words: [run = ''] }) =>
    withSavedRun(options.out, run, true, async ({ engine, record, version, versionText }) => {
      const { runId, spec } = record;
      await engine.run('pin', { version });
      const { data, model } = spec;
      const results: EngineCommands['evaluate']['result'][] = [];
      for (const shard of planEvaluation(data.testCount, version, SHARD_SIZE)) {
        results.push(await engine.run('evaluate', { shard }));
      }
      const sum = (pick: (each: (typeof results)[number]) => number): number =>
        results.reduce((total, each) => total + pick(each), 0);
      const sums = (results[0]?.metricSums ?? []).map((_, i) =>
        sum(({ metricSums }) => metricSums[i] ?? 0),
      );
      const metrics = finishMetrics(model.metrics, data.target, sums, data.testCount);
      const testLoss = sum(({ lossSum }) => lossSum) / data.testCount;
      const { accuracy: testAccuracy } = metrics;
      const figures = { runId, step: version, testAccuracy, testLoss, metrics };
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ event: 'evaluation', ...figures })}\n`
          : `run ${runId}, ${versionText}: ${metricsText(metrics)}, loss ${testLoss.toFixed(4)} on ${data.testCount} test samples\n`,
      );
      return 0;
    }),
});
