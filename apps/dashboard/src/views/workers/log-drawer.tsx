import { ScrollText } from 'lucide';
import { useEffect, useRef } from 'preact/hooks';
import { usePolled } from '../../data/polled.js';
import { Dialog, EmptyState, Prose, Skeleton } from '../../design/index.js';
import { formatClock } from '../../format/times.js';

const LINES = 300;
/** A user who has scrolled up further than this is reading: do not scroll. */
const NEAR_END_PIXELS = 240;

/** The last log lines of a worker, updated live. */
export function LogDrawer({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const polled = usePolled('/api/workers/{id}/log', {
    path: { id },
    query: { lines: LINES },
    everyMs: 2_000,
  });
  const lines = polled.value.value?.lines;
  const problem = polled.error.value;
  const list = useRef<HTMLOListElement>(null);
  const last = lines?.at(-1)?.number;
  useEffect(() => {
    const element = list.current?.parentElement;
    if (!element) return;
    const { scrollHeight, scrollTop, clientHeight } = element;
    const first = scrollTop === 0;
    if (first || scrollHeight - scrollTop - clientHeight < NEAR_END_PIXELS) {
      element.scrollTop = scrollHeight;
    }
  }, [last]);
  return (
    <Dialog title={`Log of ${id}`} form="drawer" onClose={onClose}>
      {lines && lines.length > 0 ? (
        <ol class="log mono" ref={list}>
          {lines.map(({ number, at, level, text }) => (
            <li key={number} class={level}>
              <time class="faint">{formatClock(at)}</time>
              <span>
                {level === 'warn' && <strong>warning </strong>}
                {text}
              </span>
            </li>
          ))}
        </ol>
      ) : lines || problem ? (
        <EmptyState icon={ScrollText} title="No log lines">
          {problem ? (
            <Prose
              text={[problem.message, problem.remedy].filter((part) => part !== '').join(': ')}
            />
          ) : (
            'This worker has logged nothing yet.'
          )}
        </EmptyState>
      ) : (
        <Skeleton height={160} />
      )}
    </Dialog>
  );
}
