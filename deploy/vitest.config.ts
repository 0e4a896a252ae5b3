import { shared } from '../vitest.shared.js';

/** Set-up may have to fetch Helm's engine or a linter. */
export default shared({ hookTimeout: 300_000 });
