import type { Reply } from '../../api/reply.js';
import type { Onwards } from '../../data/polled.js';

/** As many as the coordinator remembers. */
const MOST = 200;

/** The newest steps, going on from those that are known. */
export const newestSteps: Onwards<Reply<'/api/timeline'>> = {
  query: ({ steps }) => ({ after: steps.at(-1)?.step ?? 0 }),
  join: (known, news) => {
    const [first] = news.steps;
    if (!first) return known;
    // A coordinator that took over may have gone back.
    const before = known.steps.filter(({ step }) => step < first.step);
    return { steps: [...before, ...news.steps].slice(-MOST) };
  },
};
