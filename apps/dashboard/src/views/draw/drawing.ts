import { batch, computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { TestDigit } from '../../api/reply.js';
import { centreDrawing } from './centre-drawing.js';
import { blankInk, drawLine, inkFrom, isBlank, type Ink, type Point } from './ink.js';

/** Pixels of the drawing per pixel of the network's input. */
const BLOCK = 5;
/** About the stroke width of MNIST's digits. */
const PEN_SHARE = 0.042;

/** The input of the view: a drawing, or an image of the test set. */
export class Drawing {
  readonly ink: ReadonlySignal<Ink>;
  /** The test image that is shown; undefined once something is drawn. */
  readonly shown: ReadonlySignal<TestDigit | undefined>;
  /** The network's input: [height · width · channels], 0–255; undefined for a blank drawing. */
  readonly picture: ReadonlySignal<readonly number[] | undefined>;
  readonly #shape: readonly [height: number, width: number, channels: number];
  readonly #blank: Ink;
  readonly #ink: Signal<Ink>;
  readonly #shown = signal<TestDigit | undefined>(undefined);

  /** @param imageShape [height, width, channels] */
  constructor([height = 1, width = 1, channels = 1]: readonly number[]) {
    this.#shape = [height, width, channels];
    this.#blank = blankInk(width * BLOCK, height * BLOCK);
    this.#ink = signal(this.#blank);
    this.ink = this.#ink;
    this.shown = this.#shown;
    const drawn = computed((): readonly number[] | undefined => {
      if (isBlank(this.#ink.value)) return undefined;
      const centred = centreDrawing(this.#ink.value, width, height);
      return [...centred].flatMap((level) => new Array<number>(channels).fill(level));
    });
    this.picture = computed(() => this.#shown.value?.pixels ?? drawn.value);
  }

  /** Draws a line, on a blank drawing if a test image is shown. */
  stroke(from: Point, to: Point): void {
    const ink = this.#shown.peek() ? this.#blank : this.#ink.peek();
    const radius = PEN_SHARE * Math.max(ink.width, ink.height);
    this.#set(undefined, drawLine(ink, from, to, radius));
  }

  clear(): void {
    this.#set(undefined, this.#blank);
  }

  show(digit: TestDigit): void {
    const [height, width, channels] = this.#shape;
    this.#set(digit, inkFrom(greyOf(digit.pixels, channels), width, height, BLOCK));
  }

  #set(shown: TestDigit | undefined, ink: Ink): void {
    batch(() => {
      this.#shown.value = shown;
      this.#ink.value = ink;
    });
  }
}

/** The mean of each pixel's channels. */
export function greyOf(pixels: readonly number[], channels: number): readonly number[] {
  if (channels === 1) return pixels;
  return Array.from({ length: pixels.length / channels }, (_, at) => {
    const own = pixels.slice(at * channels, (at + 1) * channels);
    return Math.round(own.reduce((sum, level) => sum + level, 0) / channels);
  });
}
