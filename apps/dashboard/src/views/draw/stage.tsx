import { useId } from 'preact/hooks';
import type { Filters, LayerRow } from '../../api/reply.js';
import { isDark } from '../../app/theme.js';
import { formatFigure } from '../../format/numbers.js';
import { inkPalette, signedPalette } from '../../pictures/palette.js';
import { Picture } from '../../pictures/picture.js';
import type { Unit } from './atlas.js';
import { ClassBars } from './class-bars.js';
import { explain } from './explanations.js';
import { FeatureMaps } from './feature-maps.js';
import { receptiveRegion, type Part } from './receptive-field.js';
import { filterLevels } from './filter-levels.js';
import type { Activation } from './predictor.js';
import './stage.css';
import { UnitGrid } from './unit-grid.js';

export interface StageProps {
  readonly layer: LayerRow;
  readonly inputShape: readonly number[];
  /** Whether a layer of this kind has been explained above. */
  readonly again: boolean;
  readonly activation: Activation;
  /** The previous layer's output, to show what dropout changed. */
  readonly before: Activation | undefined;
  /** Whether dropout is on. */
  readonly dropping: boolean;
  /** The network's input, as grey levels. */
  readonly picture: {
    readonly levels: readonly number[];
    readonly width: number;
    readonly height: number;
  };
  /** The filters of this layer, if it is the first. */
  readonly filters: Filters | undefined;
  readonly pointed: Unit | undefined;
  readonly onPoint: (unit: Unit | undefined) => void;
}

/** A layer: an explanation, and its output for the input image. */
export function Stage(props: StageProps) {
  const { layer, inputShape, activation } = props;
  const id = useId();
  const isScore = layer.explanation === 'output' && activation.levels.length === 1;
  const { title, text } = explain(isScore ? 'oneOutput' : layer.explanation, props.again);
  const isImage = activation.shape.length === 3;
  return (
    <section class="stage" aria-labelledby={id}>
      <div class="words">
        <h3 id={id}>
          {title} <span class="faint mono">{layer.name}</span>
        </h3>
        <p class="faint number">
          {inputShape.join(' × ')} → {layer.outputShape.join(' × ')}
        </p>
        <p class="soft">{text}</p>
        {isImage && <PointedUnit {...props} />}
      </div>
      <div class="made">
        {isImage ? (
          <FeatureMaps activation={activation} pointed={props.pointed} onPoint={props.onPoint} />
        ) : (
          <Units {...props} />
        )}
      </div>
    </section>
  );
}

/** The receptive field and the value of the selected unit. */
function PointedUnit({ layer, activation, picture, pointed, filters }: StageProps) {
  const { receptiveField } = layer;
  const part =
    pointed && receptiveField ? receptiveRegion(receptiveField, pointed, picture) : undefined;
  return (
    <div class="pointed">
      <div class="given">
        <Picture {...picture} palette={inkPalette(isDark.value)} label="" />
        {part && <span class="field" style={shares(part)} />}
      </div>
      {filters && pointed && <FilterPicture filters={filters} channel={pointed.channel} />}
      <p class="soft" aria-live="polite">
        {pointed ? (
          <>
            Map {pointed.channel + 1}, row {pointed.row + 1}, column {pointed.column + 1}:{' '}
            <strong class="number">{formatFigure(valueAt(activation, pointed))}</strong>
          </>
        ) : (
          'Point at a map to mark the unit’s receptive field here.'
        )}
        {receptiveField && (
          <span class="faint">
            {' '}
            Receptive field: {receptiveField.rows.size} × {receptiveField.columns.size} pixels.
          </span>
        )}
      </p>
    </div>
  );
}

function FilterPicture({
  filters,
  channel,
}: {
  readonly filters: Filters;
  readonly channel: number;
}) {
  const filter = filterLevels(filters, channel);
  if (!filter) return null;
  return (
    <div class="filter" title="filter of this map">
      <Picture
        levels={filter.levels}
        width={filters.width}
        height={filters.height}
        palette={signedPalette(filter, isDark.value)}
        label="filter of this map"
      />
    </div>
  );
}

function Units({ layer, activation, before, dropping }: StageProps) {
  if (layer.explanation === 'output') {
    const scores = Array.from(activation.levels, (_, unit) => unitValue(activation, unit));
    if (scores.length === 1) return <p class="number">{scores[0]?.toFixed(2)}</p>;
    const most = Math.max(...scores.map(Math.abs)) || 1;
    return (
      <div class="scores">
        <ClassBars
          label="Scores"
          values={scores}
          most={most}
          format={(score) => score.toFixed(2)}
          best={scores.indexOf(Math.max(...scores))}
        />
      </div>
    );
  }
  const lit = activation.levels.filter((_, unit) => unitValue(activation, unit) > 0).length;
  const dropped =
    layer.kind === 'dropout' && dropping && before ? droppedUnits(before, activation) : undefined;
  const droppedCount = dropped?.filter(Boolean).length ?? 0;
  return (
    <>
      <UnitGrid
        activation={activation}
        dropped={dropped}
        label={`${activation.levels.length} units, ${lit} of them active`}
      />
      <p class="faint number">
        {lit} of {activation.levels.length} units are active
        {dropped && `; ${droppedCount} active units are dropped (red)`}
      </p>
    </>
  );
}

/** Units that dropout set to zero. */
function droppedUnits(before: Activation, after: Activation): boolean[] {
  const [zeroBefore, zeroAfter] = [zeroLevel(before), zeroLevel(after)];
  return Array.from(
    after.levels,
    (level, unit) => level === zeroAfter && before.levels[unit] !== zeroBefore,
  );
}

function zeroLevel({ low, high }: Activation): number {
  return high > low ? Math.round((-low * 255) / (high - low)) : 0;
}

function valueAt(activation: Activation, { channel, row, column }: Unit): number {
  const [, width = 1, channels = 1] = activation.shape;
  return unitValue(activation, (row * width + column) * channels + channel);
}

function unitValue({ levels, low, high }: Activation, at: number): number {
  return low + ((levels[at] ?? 0) / 255) * (high - low);
}

function shares({ left, top, width, height }: Part): Record<string, string> {
  const percent = (share: number): string => `${100 * share}%`;
  return {
    left: percent(left),
    top: percent(top),
    width: percent(width),
    height: percent(height),
  };
}
