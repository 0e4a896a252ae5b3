import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Palette } from './palette.js';
import './picture.css';

export interface PictureProps {
  /** [height · width], each a level of the palette */
  readonly levels: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
  readonly palette: Palette;
  /** What it shows; '' where the words beside it say so. */
  readonly label: string;
  /** Let the browser smooth it, where it is no grid of values. */
  readonly smooth?: boolean;
}

/** A small picture, one value a pixel, as large as its place. */
export function Picture({ levels, width, height, palette, label, smooth = false }: PictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    context.putImageData(imageOf(levels, width, height, palette), 0, 0);
  }, [levels, width, height, palette]);
  return (
    <canvas
      ref={canvas}
      class={`picture ${smooth ? 'smooth' : ''}`}
      width={width}
      height={height}
      role={label === '' ? 'presentation' : 'img'}
      aria-label={label === '' ? undefined : label}
    />
  );
}

/** Levels in their colours. */
export function imageOf(
  levels: ArrayLike<number>,
  width: number,
  height: number,
  palette: Palette,
): ImageData {
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const colours = new Uint32Array(palette.buffer);
  for (let i = 0; i < pixels.length; i++) pixels[i] = colours[levels[i]]!;
  return image;
}
