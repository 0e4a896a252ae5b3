import { useId, useRef, useState } from 'preact/hooks';
import { isDark } from '../../app/theme.js';
import { inkPalette } from '../../pictures/palette.js';
import { Picture } from '../../pictures/picture.js';
import type { Drawing } from './drawing.js';
import type { Point } from './ink.js';
import './canvas.css';

/** How far an arrow key moves the pen, as a fraction of the drawing. */
const STEP_SHARE = 0.05;

const moves: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The canvas to draw on, by pointer or by keys. */
export function Canvas({ drawing }: { readonly drawing: Drawing }) {
  const element = useRef<HTMLDivElement>(null);
  const hint = useId();
  const ink = drawing.ink.value;
  const { begin, go, end } = usePointer(drawing, element);
  const { pen, down, press } = useKeys(drawing);
  return (
    <>
      <div
        ref={element}
        class="drawing-canvas"
        tabindex={0}
        role="application"
        aria-label="Canvas to draw on"
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
          smooth={!drawing.shown.value}
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
        Keys: arrows, space (pen), Delete (clear).
      </p>
      <p class="visually-hidden" aria-live="polite">
        {down ? 'Pen down' : 'Pen up'}
      </p>
    </>
  );
}

/** The pen that keys move, and their handler. */
function useKeys(drawing: Drawing) {
  const { width, height } = drawing.ink.value;
  const [pen, setPen] = useState<Point>({ x: width / 2, y: height / 3 });
  const [down, setDown] = useState(false);
  const press = (event: KeyboardEvent): void => {
    const move = moves[event.key];
    if (move) {
      const step = STEP_SHARE * Math.max(width, height);
      const next = {
        x: clamp(pen.x + move[0] * step, width),
        y: clamp(pen.y + move[1] * step, height),
      };
      if (down) drawing.stroke(pen, next);
      setPen(next);
    } else if (event.key === ' ') {
      if (!down) drawing.stroke(pen, pen);
      setDown(!down);
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      drawing.clear();
    } else return;
    event.preventDefault();
  };
  return { pen, down, press };
}

/** Handlers that draw lines while the pointer is down. */
function usePointer(drawing: Drawing, element: { readonly current: HTMLElement | null }) {
  const last = useRef<Point | undefined>(undefined);

  const pointOf = ({ clientX, clientY }: MouseEvent): Point => {
    const { width, height } = drawing.ink.peek();
    const box = element.current?.getBoundingClientRect();
    if (!box) return { x: width / 2, y: height / 2 };
    return {
      x: ((clientX - box.left) / box.width) * width,
      y: ((clientY - box.top) / box.height) * height,
    };
  };
  const begin = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    element.current?.setPointerCapture(event.pointerId);
    const point = pointOf(event);
    drawing.stroke(point, point);
    last.current = point;
  };
  const go = (event: PointerEvent): void => {
    if (!last.current) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const each of passed.length > 0 ? passed : [event]) {
      const point = pointOf(each);
      drawing.stroke(last.current, point);
      last.current = point;
    }
  };
  const end = (): void => void (last.current = undefined);
  return { begin, go, end };
}

const clamp = (value: number, limit: number): number => Math.min(limit, Math.max(0, value));
