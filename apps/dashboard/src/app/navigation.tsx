import { useEffect, useRef } from 'preact/hooks';
import { store } from '../data/store.js';
import { Icon } from '../design/index.js';
import { currentView } from './current-view.js';
import './navigation.css';
import { hrefTo } from './place.js';
import { groupTitles, views, type View } from './views.js';

const groups = Object.keys(groupTitles) as View['group'][];

/** Links to every view: at the side, or at the top of a narrow page. */
export function Navigation() {
  const spec = store.run.value?.spec;
  return (
    <nav class="navigation" aria-label="Views">
      {groups.map((group) => {
        const inGroup = views.filter(
          (view) => view.group === group && (!spec || view.isFor?.(spec) !== false),
        );
        return (
          inGroup.length > 0 && (
            <div key={group} class="group">
              <p class="title" id={`group-${group}`}>
                {groupTitles[group]}
              </p>
              <ul aria-labelledby={`group-${group}`}>
                {inGroup.map((view) => (
                  <li key={view.id}>
                    <ViewLink view={view} />
                  </li>
                ))}
              </ul>
            </div>
          )
        );
      })}
    </nav>
  );
}

function ViewLink({ view }: { readonly view: View }) {
  const current = currentView.value === view;
  const spec = store.run.value?.spec;
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (current) link.current?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [current]);
  return (
    <a ref={link} href={hrefTo(view.id)} aria-current={current ? 'page' : undefined}>
      <Icon of={view.icon} />
      {(spec && view.titleOf?.(spec)) ?? view.title}
    </a>
  );
}
