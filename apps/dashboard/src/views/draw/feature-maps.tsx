import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { isDark } from '../../app/theme.js';
import { signedPalette, type Palette } from '../../pictures/palette.js';
import { layOut, tileAt, unitAfter, unitAt, type Atlas, type Unit } from './atlas.js';
import './feature-maps.css';
import type { Activation } from './predictor.js';

interface FeatureMapsProps {
  readonly activation: Activation;
  /** The selected unit, if it belongs to one of these maps. */
  readonly pointed: Unit | undefined;
  readonly onPoint: (unit: Unit | undefined) => void;
}

/** All feature maps of a layer; a unit can be selected by pointer or by keys. */
export function FeatureMaps({ activation, pointed, onPoint }: FeatureMapsProps) {
  const { layer, shape, levels, low, high } = activation;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [place, width] = useWidth();
  const atlas = layOut(shape, width);
  const dark = isDark.value;
  useLayoutEffect(() => {
    if (canvas.current && width > 0) {
      draw(canvas.current, atlas, shape, levels, signedPalette({ low, high }, dark));
    }
  }, [activation, width, dark]);
  const point = ({ offsetX, offsetY }: MouseEvent): void =>
    onPoint(unitAt(atlas, shape, offsetX, offsetY));
  const press = (event: KeyboardEvent): void => {
    const next = unitAfter(pointed ?? { channel: 0, row: 0, column: 0 }, event.key, shape);
    if (!next) return;
    event.preventDefault();
    onPoint(pointed ? next : { channel: 0, row: 0, column: 0 });
  };
  const [height = 1, columns = 1, channels = 1] = shape;
  return (
    <div
      ref={place}
      class="feature-maps"
      tabindex={0}
      role="application"
      aria-roledescription="feature maps"
      aria-label={`${channels} maps of ${height} × ${columns} values of ${layer}; arrow keys select a value, page keys a map`}
      onKeyDown={press}
      onFocus={(event) => {
        if (event.currentTarget.matches(':focus-visible')) {
          onPoint(pointed ?? { channel: 0, row: 0, column: 0 });
        }
      }}
      onPointerLeave={({ pointerType }) => {
        // After a touch the unit stays selected.
        if (pointerType === 'mouse') onPoint(undefined);
      }}
    >
      <canvas
        ref={canvas}
        aria-hidden="true"
        style={{ width: `${atlas.width}px`, height: `${atlas.height}px` }}
        onPointerMove={point}
        onPointerDown={point}
      />
      {pointed && <Marks unit={pointed} atlas={atlas} height={height} columns={columns} />}
    </div>
  );
}

/** Marks a unit and the map that it belongs to, of `height` × `columns` units. */
function Marks({
  unit,
  atlas,
  height,
  columns,
}: {
  readonly unit: Unit;
  readonly atlas: Atlas;
  readonly height: number;
  readonly columns: number;
}) {
  const { x, y } = tileAt(atlas, unit.channel);
  const { tileWidth, tileHeight } = atlas;
  const [unitWidth, unitHeight] = [tileWidth / columns, tileHeight / height];
  const [left, top] = [x + unit.column * unitWidth, y + unit.row * unitHeight];
  return (
    <>
      <span class="tile-mark" style={boxOf(x, y, tileWidth, tileHeight)} />
      <span class="unit-mark" style={boxOf(left, top, unitWidth, unitHeight)} />
    </>
  );
}

/** The current width of an element. */
function useWidth() {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    if (!place.current) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.floor(entry.contentRect.width));
    });
    observer.observe(place.current);
    setWidth(Math.floor(place.current.clientWidth));
    return () => observer.disconnect();
  }, []);
  return [place, width] as const;
}

/** Paints all maps at device resolution, without smoothing. */
function draw(
  canvas: HTMLCanvasElement,
  atlas: Atlas,
  [height = 1, width = 1, channels = 1]: readonly number[],
  levels: Uint8Array,
  palette: Palette,
): void {
  const scale = devicePixelRatio;
  canvas.width = Math.round(atlas.width * scale);
  canvas.height = Math.round(atlas.height * scale);
  const context = canvas.getContext('2d');
  const maps = stackedMaps(width, height, channels, levels, palette);
  if (!context || !maps) return;
  context.imageSmoothingEnabled = false;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  for (let channel = 0; channel < channels; channel++) {
    const { x, y } = tileAt(atlas, channel);
    const { tileWidth, tileHeight } = atlas;
    context.drawImage(maps, 0, channel * height, width, height, x, y, tileWidth, tileHeight);
  }
}

/** The maps stacked vertically, one pixel per value. */
function stackedMaps(
  width: number,
  height: number,
  channels: number,
  levels: Uint8Array,
  palette: Palette,
): OffscreenCanvas | undefined {
  const canvas = new OffscreenCanvas(width, height * channels);
  const context = canvas.getContext('2d');
  if (!context) return undefined;
  const image = new ImageData(width, height * channels);
  const pixels = new Uint32Array(image.data.buffer);
  const colours = new Uint32Array(palette.buffer);
  const size = width * height;
  for (let place = 0, from = 0; place < size; place++) {
    for (let channel = 0; channel < channels; channel++, from++) {
      pixels[channel * size + place] = colours[levels[from]]!;
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

function boxOf(x: number, y: number, width: number, height: number): Record<string, string> {
  return { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` };
}
