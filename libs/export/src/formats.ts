/** The formats of an exported model: a LayersModel of TensorFlow.js, Keras 3, and ONNX. */
export const exportFormats = ['tfjs', 'keras', 'onnx'] as const;

export type ExportFormat = (typeof exportFormats)[number];
