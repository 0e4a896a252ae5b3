import { isDark } from '../../app/theme.js';
import { signedPalette, type Palette } from '../../pictures/palette.js';
import { Picture } from '../../pictures/picture.js';
import type { Activation } from './predictor.js';

interface UnitGridProps {
  readonly activation: Activation;
  /** Which units are dropped. */
  readonly dropped?: readonly boolean[] | undefined;
  readonly label: string;
}

/** An additional palette entry for dropped units. */
const DROPPED = 256;

/** The units of a layer without spatial dimensions, one square each. */
export function UnitGrid({ activation, dropped, label }: UnitGridProps) {
  const count = activation.levels.length;
  const columns = Math.min(64, Math.ceil(Math.sqrt(4 * count)));
  const rows = Math.ceil(count / columns);
  const levels = Uint16Array.from({ length: columns * rows }, (_, unit) =>
    dropped?.[unit] === true ? DROPPED : (activation.levels[unit] ?? 0),
  );
  return (
    <div class="unit-grid" style={{ maxWidth: `${columns * 11}px` }}>
      <Picture
        levels={levels}
        width={columns}
        height={rows}
        palette={withDropped(signedPalette(activation, isDark.value), isDark.value)}
        label={label}
      />
    </div>
  );
}

function withDropped(palette: Palette, dark: boolean): Palette {
  const longer = new Uint8ClampedArray(palette.length + 4);
  longer.set(palette);
  longer.set(dark ? [104, 40, 52, 255] : [240, 178, 178, 255], palette.length);
  return longer;
}
