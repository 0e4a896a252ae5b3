import { useEffect, useState } from 'preact/hooks';
import type { TestDigit } from '../../api/reply.js';
import { isDark } from '../../app/theme.js';
import { store } from '../../data/store.js';
import { Skeleton } from '../../design/index.js';
import { inkPalette } from '../../pictures/palette.js';
import { Picture } from '../../pictures/picture.js';
import { greyOf } from '../draw/drawing.js';
import { fetchTestDigit } from '../draw/test-digits.js';

type TestPixels = Pick<TestDigit, 'pixels' | 'shape'>;

/** Somewhat more than a gallery shows. */
const MOST_KEPT = 400;
/** Images of the test set by run and index, each loaded once. */
const images = new Map<string, Promise<TestPixels>>();

/** An image of the test set, by its index. */
export function TestPicture({ index }: { readonly index: number }) {
  const [image, setImage] = useState<TestPixels | undefined>(undefined);
  const runId = store.run.value?.runId ?? '';
  useEffect(() => {
    let left = false;
    const take = (found: TestPixels): void => {
      if (!left) setImage(found);
    };
    loadImage(runId, index).then(take, () => undefined);
    return () => {
      left = true;
    };
  }, [runId, index]);
  if (!image) return <Skeleton height={84} />;
  const [height = 1, width = 1, channels = 1] = image.shape;
  return (
    <Picture
      levels={greyOf(image.pixels, channels)}
      width={width}
      height={height}
      palette={inkPalette(isDark.value)}
      label=""
    />
  );
}

/** @throws ApiError if loading fails; the next call retries */
function loadImage(runId: string, index: number): Promise<TestPixels> {
  const key = `${runId} ${index}`;
  const known = images.get(key);
  if (known) return known;
  const image = fetchTestDigit(index);
  images.set(key, image);
  image.catch(() => images.delete(key));
  if (images.size > MOST_KEPT) images.delete([...images.keys()][0] ?? '');
  return image;
}
