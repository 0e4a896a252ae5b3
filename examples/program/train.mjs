// Trains the text classifier of ../text from a program, to the weights that the command gives.
import { optimizers, train } from 'lockstep';

const file = (path) => new URL(path, import.meta.url);

const run = await train({
  // Processes of their own load data and model, so both are given as modules.
  data: file('../text/reviews.mjs'),
  model: file('../text/model.mjs'),
  optimizer: optimizers.adam({ learningRate: 0.01 }),
  steps: 200,
  workers: 2,
  http: '127.0.0.1:0', // a free port
});
console.log(`run ${run.runId}, dashboard ${run.dashboard}`);

for await (const event of run.events) {
  if (event.event === 'step' && event.step % 50 === 0) {
    console.log(`step ${event.step}: loss ${event.loss.toFixed(4)}`);
  }
}

const { testAccuracy, weightsSha256, modelPath } = await run.result;
console.log(`test accuracy ${(100 * testAccuracy).toFixed(1)} %, weights ${weightsSha256}`);
console.log(`model ${modelPath}`);
