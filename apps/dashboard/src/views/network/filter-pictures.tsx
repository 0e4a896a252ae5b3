import { isDark } from '../../app/theme.js';
import { usePolled } from '../../data/polled.js';
import { Card } from '../../design/index.js';
import { formatCount, formatFigure } from '../../format/numbers.js';
import { signedPalette } from '../../pictures/palette.js';
import { Picture } from '../../pictures/picture.js';
import { filterLevels } from '../draw/filter-levels.js';
import './filter-pictures.css';

/** The weights that look at the picture itself. */
export function FilterPictures() {
  const report = usePolled('/api/model/filters', { everyMs: 4_000 }).value.value;
  if (!report?.filters) return null;
  const { filters, version } = report;
  const { height, width, channels, filterCount, kind, values } = filters;
  const pictures = Array.from({ length: values.length / (height * width * channels) }, (_, index) =>
    filterLevels(filters, index),
  ).flatMap((picture) => picture ?? []);
  const shownAll = pictures.length === filterCount;
  return (
    <Card
      title={kind === 'conv2d' ? `Filters of ${filters.layer}` : `Weights of ${filters.layer}`}
      aside={
        <span class="faint number">
          {shownAll ? '' : `${pictures.length} of ${formatCount(filterCount)}, `}step{' '}
          {formatCount(version)}
        </span>
      }
    >
      <p class="soft">
        {kind === 'conv2d'
          ? `Each filter is a pattern of ${height} × ${width} weights that slides over the picture. Where the picture is lit under its blue side and dark under its orange side, the filter answers.`
          : `Each unit weighs every pixel of the picture: lit pixels under blue speak for it, under orange against it.`}
        {channels > 1 && ' Shown is the mean over the channels.'}
      </p>
      <ul class={`filter-pictures ${kind}`}>
        {pictures.map((picture, index) => (
          <li key={index} title={`filter ${index + 1}: weights to ±${formatFigure(picture.high)}`}>
            <Picture
              levels={picture.levels}
              width={width}
              height={height}
              palette={signedPalette(picture, isDark.value)}
              label={`Filter ${index + 1}`}
            />
          </li>
        ))}
      </ul>
    </Card>
  );
}
