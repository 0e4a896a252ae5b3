import { createRunStore } from './run-store.js';

/** The one run that this page shows. */
export const store = createRunStore();
