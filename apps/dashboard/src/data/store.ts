import { createRunStore } from './run-store.js';
import { loadSession } from './session.js';

/** The one run that this page shows. */
export const store = createRunStore(() => loadSession().catch(() => undefined));
