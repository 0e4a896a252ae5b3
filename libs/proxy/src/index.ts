export * from './proxy-for.js';
