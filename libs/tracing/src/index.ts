export * from './start-tracer.js';
export * from './tracer.js';
