export * from './read-secret.js';
export { readCa, readClientTls, readServerTls, type TlsFiles } from './tls-files.js';
export * from './tokens/join-token.js';
export { changeJoinTokens, parseJoinTokens, readJoinTokens } from './tokens/join-token-file.js';
export * from './tokens/role-token.js';
export * from './watched-file.js';
export { ConnectionGuard, type Peer } from './connections/connection-guard.js';
export {
  connectionLimits,
  probeLimits,
  type ConnectionLimits,
} from './connections/connection-limits.js';
export { listenOn, type BoundAddress } from './connections/listen-on.js';
