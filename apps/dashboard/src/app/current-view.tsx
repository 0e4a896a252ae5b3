import { computed, signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { RotateCw, TriangleAlert } from 'lucide';
import { Button, EmptyState, Skeleton } from '../design/index.js';
import { place } from './router.js';
import { views, type View } from './views.js';

const loaded = signal<ReadonlyMap<string, ComponentType>>(new Map());
const failed = signal(false);

export const currentView = computed<View | undefined>(
  () => views.find(({ id }) => id === place.value.view) ?? views[0],
);

/** Loads a view's code, once. */
async function load(view: View): Promise<void> {
  if (loaded.peek().has(view.id)) return;
  try {
    const component = await view.load();
    loaded.value = new Map(loaded.peek()).set(view.id, component);
    failed.value = false;
  } catch {
    failed.value = true;
  }
}

/** The view of the current address. */
export function CurrentView() {
  const view = currentView.value;
  useEffect(() => {
    if (!view) return;
    void load(view).then(loadOthersWhenIdle);
  }, [view]);
  const Component = loaded.value.get(view?.id ?? '');
  if (Component) return <Component key={view?.id} />;
  if (failed.value && view) return <NotLoaded view={view} />;
  return (
    <div class="view" aria-busy="true">
      <Skeleton height={90} />
      <Skeleton height={260} />
    </div>
  );
}

function NotLoaded({ view }: { readonly view: View }) {
  return (
    <EmptyState icon={TriangleAlert} title="This view could not be loaded">
      <Button icon={RotateCw} onClick={() => void load(view)}>
        Try again
      </Button>
    </EmptyState>
  );
}

/** Preloads all views, so that they open at once, even without a connection. */
function loadOthersWhenIdle(): void {
  const loadAll = (): void => views.forEach((view) => void view.load().catch(() => undefined));
  if ('requestIdleCallback' in window) requestIdleCallback(loadAll, { timeout: 5_000 });
  else setTimeout(loadAll, 1_000);
}
