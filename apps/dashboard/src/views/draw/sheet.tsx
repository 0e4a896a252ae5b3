import { useId, useRef, useState } from 'preact/hooks';
import { isDark } from '../../app/theme.js';
import { inkPalette } from '../../pictures/palette.js';
import { Picture } from '../../pictures/picture.js';
import type { Desk } from './desk.js';
import type { Point } from './ink.js';
import './sheet.css';

/** How far an arrow key moves the pen, as a share of the sheet. */
const STEP_SHARE = 0.05;

const moves: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The sheet to draw on, by pointer or by keys. */
export function Sheet({ desk }: { readonly desk: Desk }) {
  const element = useRef<HTMLDivElement>(null);
  const hint = useId();
  const ink = desk.ink.value;
  const last = useRef<Point | undefined>(undefined);
  const [pen, setPen] = useState<Point>({ x: ink.width / 2, y: ink.height / 3 });
  const [down, setDown] = useState(false);

  const pointOf = ({ clientX, clientY }: MouseEvent): Point => {
    const box = element.current?.getBoundingClientRect();
    if (!box) return pen;
    return {
      x: ((clientX - box.left) / box.width) * ink.width,
      y: ((clientY - box.top) / box.height) * ink.height,
    };
  };
  const begin = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    element.current?.setPointerCapture(event.pointerId);
    const point = pointOf(event);
    desk.stroke(point, point);
    last.current = point;
  };
  const go = (event: PointerEvent): void => {
    if (!last.current) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const each of passed.length > 0 ? passed : [event]) {
      const point = pointOf(each);
      desk.stroke(last.current, point);
      last.current = point;
    }
  };
  const end = (): void => void (last.current = undefined);

  const press = (event: KeyboardEvent): void => {
    const move = moves[event.key];
    if (move) {
      const step = STEP_SHARE * Math.max(ink.width, ink.height);
      const next = {
        x: clamp(pen.x + move[0] * step, ink.width),
        y: clamp(pen.y + move[1] * step, ink.height),
      };
      if (down) desk.stroke(pen, next);
      setPen(next);
    } else if (event.key === ' ') {
      if (!down) desk.stroke(pen, pen);
      setDown(!down);
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      desk.clear();
    } else return;
    event.preventDefault();
  };

  return (
    <>
      <div
        ref={element}
        class="sheet"
        tabindex={0}
        role="application"
        aria-label="Sheet to draw a digit on"
        aria-describedby={hint}
        onPointerDown={begin}
        onPointerMove={go}
        onPointerUp={end}
        onPointerCancel={end}
        onKeyDown={press}
      >
        <Picture
          levels={ink.levels}
          width={ink.width}
          height={ink.height}
          palette={inkPalette(isDark.value)}
          label=""
          smooth={!desk.shown.value}
        />
        <span
          class={`pen ${down ? 'down' : ''}`}
          aria-hidden="true"
          style={{
            left: `${(100 * pen.x) / ink.width}%`,
            top: `${(100 * pen.y) / ink.height}%`,
          }}
        />
      </div>
      <p class="hint faint" id={hint}>
        Keys: arrows, space for the pen, Delete.
      </p>
      <p class="spoken" aria-live="polite">
        {down ? 'Pen down' : 'Pen up'}
      </p>
    </>
  );
}

const clamp = (value: number, limit: number): number => Math.min(limit, Math.max(0, value));
