/** Every data reader, one line each. */
export { idxReader } from './idx-reader.js';
export { arraysReader } from '../arrays/arrays-reader.js';
export { pictureReader } from '../pictures/picture-reader.js';
export { moduleReader } from '../module/module-reader.js';
export { tableReader } from '../table/table-reader.js';
