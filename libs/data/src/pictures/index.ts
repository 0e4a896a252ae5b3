export { decodePicture, type DecodedPicture } from './decode-picture.js';
export { folderEntries, type FolderEntries } from './folder-entries.js';
export { mapInOrder } from './map-in-order.js';
export * from './raster.js';
export { scalePicture, type Frame } from './scale-picture.js';
export { UnusablePicture } from './unusable-picture.js';
