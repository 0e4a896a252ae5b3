import { conv2d, defineModel, dense, flatten, maxPool2d, relu } from '@lockstep/model';

/** From the image to one score per class; shapes follow from the data. */
export default defineModel({
  name: 'stripes',
  layers: [
    // [12, 12, 1]
    conv2d({ filters: 8, kernelSize: 5 }), // [12, 12, 8]
    relu(),
    maxPool2d(2), // [6, 6, 8]
    flatten(), // [288]
    dense({ units: 'classes' }), // [4]
  ],
});
