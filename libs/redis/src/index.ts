export * from './redis-address.js';
export * from './redis-client.js';
