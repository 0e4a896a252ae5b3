/** Every data reader, one line each. */
export { idxReader } from './idx-reader.js';
