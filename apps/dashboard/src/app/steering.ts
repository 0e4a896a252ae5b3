import { computed } from '@preact/signals';
import { maySteer } from '../data/session.js';
import { store } from '../data/store.js';

/** Why the run cannot be steered from this page now; undefined where it can. */
export const steeringRefusal = computed<string | undefined>(() => {
  if (!maySteer.value) return 'Only an administrator can do this; you are logged in as viewer.';
  if (store.connection.value.state !== 'live') return 'The coordinator is not responding.';
  return undefined;
});
