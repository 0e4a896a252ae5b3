export { exportFormats, type ExportFormat } from './formats.js';
export { exportModel } from './export-model.js';
