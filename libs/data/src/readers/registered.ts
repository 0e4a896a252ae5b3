/** Every data reader, one line each. */
export { idxReader } from './idx-reader.js';
export { moduleReader } from '../module/module-reader.js';
export { tableReader } from '../table/table-reader.js';
