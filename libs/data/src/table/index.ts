export * from './table-encoding.js';
