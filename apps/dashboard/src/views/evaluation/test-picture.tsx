import { useEffect, useState } from 'preact/hooks';
import { isDark } from '../../app/theme.js';
import { store } from '../../data/store.js';
import { Skeleton } from '../../design/index.js';
import { inkPalette } from '../../pictures/palette.js';
import { Picture } from '../../pictures/picture.js';
import { greyOf } from '../draw/desk.js';
import { createTestImages, type TestPixels } from './test-images.js';

const images = createTestImages();

/** An image of the test set, by its number. */
export function TestPicture({ index }: { readonly index: number }) {
  const [image, setImage] = useState<TestPixels | undefined>(undefined);
  const runId = store.run.value?.runId ?? '';
  useEffect(() => {
    let left = false;
    const take = (found: TestPixels): void => {
      if (!left) setImage(found);
    };
    images.load(runId, index).then(take, () => undefined);
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
