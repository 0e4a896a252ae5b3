export * from './import-user-module.js';
