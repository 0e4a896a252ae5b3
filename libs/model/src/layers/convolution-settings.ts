import { biasSwitch } from './bias.js';
import { initialiser } from './initialisation.js';
import { paddingMode, wholeNumber } from './layer.js';

/** The settings that every kind of convolution has. */
export const convolutionSettings = {
  kernelSize: wholeNumber.describe('height and width of each filter'),
  stride: wholeNumber.default(1).describe('pixels from one filter position to the next'),
  padding: paddingMode.default('same'),
  bias: biasSwitch,
  initialiser,
};

/** Filters per input channel, of a convolution of each channel by itself. */
export const multiplierSetting = wholeNumber.default(1).describe('filters per input channel');

/** These settings as Keras serialises them. */
export function kerasConvolution(settings: {
  readonly kernelSize: number;
  readonly stride: number;
  readonly padding: string;
  readonly bias: boolean;
}): Readonly<Record<string, unknown>> {
  const { kernelSize, stride, padding, bias } = settings;
  return {
    kernel_size: [kernelSize, kernelSize],
    strides: [stride, stride],
    ...{ padding, data_format: 'channels_last', activation: 'linear', use_bias: bias },
  };
}
