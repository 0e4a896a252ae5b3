import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Palette } from './palette.js';
import './picture.css';

interface PictureProps {
  /** [height · width], each a level of the palette */
  readonly levels: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
  readonly palette: Palette;
  /** Description for screen readers; '' if adjacent text describes it. */
  readonly label: string;
  /** Whether the browser smooths it, for images that are not a grid of values. */
  readonly smooth?: boolean;
}

/** A small image, one value per pixel, scaled to its container. */
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

/** Converts levels to colours. */
function imageOf(
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
