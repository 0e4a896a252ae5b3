import { effect, signal, useSignal } from '@preact/signals';
import { Eraser, PencilOff, RefreshCw } from 'lucide';
import { useEffect, useMemo } from 'preact/hooks';
import type { ModelReport, TestDigit } from '../../api/network.js';
import { choose, paramSignal } from '../../app/router.js';
import { usePolled } from '../../data/polled.js';
import { store } from '../../data/store.js';
import { Button, Card, EmptyState, Skeleton, tellError } from '../../design/index.js';
import { formatCount } from '../../format/numbers.js';
import { createDesk, greyOf, type Desk } from './desk.js';
import './draw.css';
import { createObserver, type Observer } from './observer.js';
import { Sheet } from './sheet.js';
import { Stages } from './stages.js';
import { fetchTestDigit, TestDigits } from './test-digits.js';
import { Verdict } from './verdict.js';

/** The network learns on: what it makes of the same picture is asked again so often. */
const AGAIN_MS = 3_000;

const digitParam = paramSignal('digit');
const dropoutParam = paramSignal('dropout');

/** A sheet to draw on, and what every layer makes of it. */
export function Draw() {
  const model = usePolled('/api/model', { everyMs: 60_000 });
  const { value } = model.value;
  if (value) return <AtTheDesk key={value.name} model={value} />;
  return (
    <div class="view">
      {model.error.value ? (
        <EmptyState icon={PencilOff} title="There is no network to show">
          {model.error.value.message}
        </EmptyState>
      ) : (
        <Skeleton height={420} />
      )}
    </div>
  );
}

function AtTheDesk({ model }: { readonly model: ModelReport }) {
  const desk = useMemo(() => createDesk(model.imageShape), []);
  const observer = useMemo(createObserver, []);
  /** Position in the batch, whose noise switches units off. */
  const place = useMemo(() => signal(0), []);
  const last = useSignal(0);
  useEffect(() => observing(desk, observer, () => place.value), []);
  useEffect(() => lookingAgain(observer), []);
  useEffect(() => followingAddress(desk, last), []);

  const show = (digit: TestDigit): void => {
    last.value = digit.index;
    desk.show(digit);
    choose('digit', String(digit.index));
  };
  const [height = 1, width = 1, channels = 1] = model.imageShape;
  const levels = greyOf(
    desk.picture.value ?? new Array<number>(height * width * channels).fill(0),
    channels,
  );
  const picture = { levels, width, height };
  const shown = desk.shown.value;
  const seen = observer.seen.value;
  return (
    <div class="view draw">
      <div class="heading">
        <h1>Draw a digit</h1>
        <div class="tools">
          <DropoutSwitch model={model} place={place} />
          {seen && (
            <span class="faint number">by the weights of step {formatCount(seen.version)}</span>
          )}
        </div>
      </div>
      <div class="columns">
        <div class="side">
          <Card
            title={shown ? `Test image ${formatCount(shown.index)}` : 'Your digit'}
            aside={
              <Button icon={Eraser} onClick={() => desk.clear()}>
                Clear
              </Button>
            }
          >
            <Sheet desk={desk} />
            <TestDigits shown={shown} last={last.value} onShow={show} />
          </Card>
          <Card title="What it sees in it">
            <Verdict
              seen={seen}
              picture={picture}
              truth={shown?.label}
              classCount={model.classCount}
            />
            {observer.failure.value && (
              <p class="failure" role="alert">
                {observer.failure.value.message}
              </p>
            )}
          </Card>
        </div>
        <Card title="On its way through the layers" class="stages">
          <Stages model={model} seen={seen} picture={picture} />
        </Card>
      </div>
    </div>
  );
}

function DropoutSwitch({
  model,
  place,
}: {
  readonly model: ModelReport;
  readonly place: { value: number };
}) {
  if (!model.layers.some(({ kind }) => kind === 'dropout') || model.keepProb === 1) return null;
  const on = dropoutParam.value === 'on';
  return (
    <>
      <label class="switch">
        <input
          type="checkbox"
          role="switch"
          checked={on}
          onChange={() => choose('dropout', on ? undefined : 'on')}
        />
        Dropout
      </label>
      {on && (
        <Button
          icon={RefreshCw}
          label="Switch off other units"
          onClick={() => (place.value = (place.value + 1) % 1_000)}
        />
      )}
    </>
  );
}

/** Asks whenever the picture or the switch changes. @returns ends that */
function observing(desk: Desk, observer: Observer, place: () => number): () => void {
  return effect(() => {
    const pixels = desk.picture.value;
    const dropout = dropoutParam.value === 'on';
    const question = { dropout, place: place() };
    if (!pixels) return observer.forget();
    observer.look({ pixels, ...question });
  });
}

function lookingAgain(observer: Observer): () => void {
  const timer = setInterval(() => {
    const version = store.run.peek()?.version;
    const seen = observer.seen.peek();
    const changed = seen !== undefined && version !== undefined && version !== seen.version;
    if (!document.hidden && (changed || observer.failure.peek())) observer.lookAgain();
  }, AGAIN_MS);
  return () => clearInterval(timer);
}

/** The address and the test image that is shown follow each other. @returns ends that */
function followingAddress(desk: Desk, last: { value: number }): () => void {
  // The first image where the address names none, so that there is something to see.
  if (digitParam.peek() === undefined) void showDigit(desk, last, 0);
  const toDesk = effect(() => {
    const wanted = digitParam.value;
    if (wanted !== undefined && Number(wanted) !== desk.shown.peek()?.index) {
      void showDigit(desk, last, Number(wanted));
    }
  });
  let before = desk.shown.peek();
  const toAddress = effect(() => {
    const shown = desk.shown.value;
    if (before && !shown) choose('digit', undefined);
    before = shown;
  });
  return () => {
    toDesk();
    toAddress();
  };
}

async function showDigit(desk: Desk, last: { value: number }, index: number): Promise<void> {
  const before = desk.picture.peek();
  try {
    const digit = await fetchTestDigit(index);
    if (desk.picture.peek() !== before) return; // the person was quicker
    last.value = digit.index;
    desk.show(digit);
  } catch (error) {
    tellError(`Test image ${index} is not to be had`, error);
  }
}
