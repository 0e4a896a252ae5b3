import { batch, computed, signal, type ReadonlySignal } from '@preact/signals';
import type { TestDigit } from '../../api/network.js';
import { centreDrawing } from './centre-drawing.js';
import { blankInk, drawLine, inkFrom, isBlank, type Ink, type Point } from './ink.js';

/** What lies on the desk: a sheet drawn on, or an image of the test set. */
export interface Desk {
  readonly ink: ReadonlySignal<Ink>;
  /** The test image that is shown; undefined once something is drawn. */
  readonly shown: ReadonlySignal<TestDigit | undefined>;
  /** What the network is given: [height · width · channels], 0–255; undefined for a blank sheet. */
  readonly picture: ReadonlySignal<readonly number[] | undefined>;
  /** Draws a line, on a new sheet where a test image is shown. */
  stroke(from: Point, to: Point): void;
  clear(): void;
  show(digit: TestDigit): void;
}

/** Pixels of the sheet for one of the network's picture. */
const BLOCK = 5;
/** As thick as most digits of MNIST are written. */
const PEN_SHARE = 0.042;

/** @param imageShape [height, width, channels] */
export function createDesk([height = 1, width = 1, channels = 1]: readonly number[]): Desk {
  const blank = blankInk(width * BLOCK, height * BLOCK);
  const ink = signal(blank);
  const shown = signal<TestDigit | undefined>(undefined);
  const radius = PEN_SHARE * Math.max(blank.width, blank.height);
  const drawn = computed((): readonly number[] | undefined => {
    if (isBlank(ink.value)) return undefined;
    const centred = centreDrawing(ink.value, width, height);
    return [...centred].flatMap((level) => new Array<number>(channels).fill(level));
  });
  return {
    ink,
    shown,
    picture: computed(() => shown.value?.pixels ?? drawn.value),
    stroke: (from, to) =>
      batch(() => {
        const sheet = shown.peek() ? blank : ink.peek();
        shown.value = undefined;
        ink.value = drawLine(sheet, from, to, radius);
      }),
    clear: () =>
      batch(() => {
        shown.value = undefined;
        ink.value = blank;
      }),
    show: (digit) =>
      batch(() => {
        shown.value = digit;
        ink.value = inkFrom(greyOf(digit.pixels, channels), width, height, BLOCK);
      }),
  };
}

/** The mean of a pixel's channels, for showing it. */
export function greyOf(pixels: readonly number[], channels: number): readonly number[] {
  if (channels === 1) return pixels;
  return Array.from({ length: pixels.length / channels }, (_, at) => {
    const own = pixels.slice(at * channels, (at + 1) * channels);
    return Math.round(own.reduce((sum, level) => sum + level, 0) / channels);
  });
}
