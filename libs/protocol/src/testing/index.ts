export { RawClient, type Reply } from './raw-client.js';
export { validRequests, type Request } from './valid-requests.js';
export { readService, requestFields, wrongRequests, type WrongRequest } from './wrong-values.js';
