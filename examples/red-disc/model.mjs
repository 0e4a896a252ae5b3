import { conv2d, defineModel, dense, flatten, maxPool2d, relu } from 'lockstep';

/** One output: the logit of "yes". With two classes the loss is then the sigmoid cross-entropy. */
export default defineModel({
  name: 'red-disc',
  layers: [
    conv2d({ filters: 8, kernelSize: 5 }), // [16, 16, 3] → [16, 16, 8]
    relu(),
    maxPool2d(4), // [4, 4, 8]
    flatten(), // [128]
    dense({ units: 1 }),
  ],
  metrics: ['accuracy', 'auc'],
});
