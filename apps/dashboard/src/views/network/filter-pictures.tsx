import { isDark } from '../../app/theme.js';
import { usePolled } from '../../data/polled.js';
import { Card } from '../../design/index.js';
import { formatCount, formatFigure } from '../../format/numbers.js';
import { signedPalette } from '../../pictures/palette.js';
import { Picture } from '../../pictures/picture.js';
import { filterLevels } from '../draw/filter-levels.js';
import './filter-pictures.css';

/** The weights of the first layer. */
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
          ? `Each filter is a kernel of ${height} × ${width} weights that is convolved with the input. It responds where the input is bright under positive weights (blue) and dark under negative ones (orange).`
          : `Each unit is a weighted sum of all pixels: positive weights are blue, negative ones orange.`}
        {channels > 1 && ' The mean over the channels is shown.'}
      </p>
      <ul class={`filter-pictures ${kind}`}>
        {pictures.map((picture, index) => (
          <li
            key={index}
            title={`filter ${index + 1}: weights up to ±${formatFigure(picture.high)}`}
          >
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
