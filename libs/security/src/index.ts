export * from './read-secret.js';
export { readCa, readClientTls, readServerTls, type TlsFiles } from './tls-files.js';
export * from './tokens/join-token.js';
export { changeJoinTokens, parseJoinTokens, readJoinTokens } from './tokens/join-token-file.js';
export * from './tokens/role-token.js';
export * from './watched-file.js';
