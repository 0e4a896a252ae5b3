import type { Attribute } from './native.js';
import type { SlidingWindow } from './padding.js';

/** What every pooling kernel of TensorFlow is told, [batch, h, w, c]. */
export function poolAttributes({ size, stride, padding }: SlidingWindow): Attribute[] {
  return [
    { name: 'T', type: 'float32' },
    { name: 'ksize', integers: [1, size, size, 1] },
    { name: 'strides', integers: [1, stride, stride, 1] },
    { name: 'padding', text: padding.toUpperCase() },
  ];
}
