import { effect, signal, useSignal } from '@preact/signals';
import { Eraser, PencilOff, RefreshCw } from 'lucide';
import { useEffect, useMemo } from 'preact/hooks';
import type { ModelReport, TestDigit } from '../../api/reply.js';
import { choose, paramSignal } from '../../app/router.js';
import { usePolled } from '../../data/polled.js';
import { store } from '../../data/store.js';
import { Button, Card, EmptyState, Skeleton, notifyError } from '../../design/index.js';
import { formatCount } from '../../format/numbers.js';
import { Drawing, greyOf } from './drawing.js';
import './draw.css';
import { Predictor } from './predictor.js';
import { Canvas } from './canvas.js';
import { Stages } from './stages.js';
import { fetchTestDigit, TestDigits } from './test-digits.js';
import { Prediction } from './prediction.js';

/** The weights change during training: the prediction is repeated at this interval. */
const AGAIN_MS = 3_000;

const digitParam = paramSignal('digit');
const dropoutParam = paramSignal('dropout');

/** A drawing, the network's prediction and every layer's activations. */
export function Draw() {
  const model = usePolled('/api/model', { everyMs: 60_000 });
  const { value } = model.value;
  if (value && (value.imageShape.length !== 3 || value.classCount === 0)) {
    return (
      <div class="view">
        <EmptyState icon={PencilOff} title="Nothing to draw">
          The data of this run are not pictures in classes.
        </EmptyState>
      </div>
    );
  }
  if (value) return <DrawView key={value.name} model={value} />;
  return (
    <div class="view">
      {model.error.value ? (
        <EmptyState icon={PencilOff} title="No network available">
          {model.error.value.message}
        </EmptyState>
      ) : (
        <Skeleton height={420} />
      )}
    </div>
  );
}

function DrawView({ model }: { readonly model: ModelReport }) {
  const drawing = useMemo(() => new Drawing(model.imageShape), []);
  const predictor = useMemo(() => new Predictor(), []);
  /** Position in the batch, which determines the dropped units. */
  const place = useMemo(() => signal(0), []);
  const last = useSignal(0);
  useEffect(() => predictOnChange(drawing, predictor, () => place.value), []);
  useEffect(() => repeatPeriodically(predictor), []);
  useEffect(() => syncWithAddress(drawing, last), []);

  const show = (digit: TestDigit): void => {
    last.value = digit.index;
    drawing.show(digit);
    choose('digit', String(digit.index));
  };
  const [height = 1, width = 1, channels = 1] = model.imageShape;
  const levels = greyOf(
    drawing.picture.value ?? new Array<number>(height * width * channels).fill(0),
    channels,
  );
  const picture = { levels, width, height };
  const shown = drawing.shown.value;
  const result = predictor.result.value;
  const isOfDigits = store.run.value?.spec.data === 'mnist';
  return (
    <div class="view draw">
      <div class="heading">
        <h1>{isOfDigits ? 'Draw a digit' : 'Draw a picture'}</h1>
        <div class="tools">
          <DropoutSwitch model={model} place={place} />
          {result && (
            <span class="faint number">weights from step {formatCount(result.version)}</span>
          )}
        </div>
      </div>
      <div class="columns">
        <div class="side">
          <Card
            title={shown ? `Test image ${formatCount(shown.index)}` : 'Your drawing'}
            aside={
              <Button icon={Eraser} onClick={() => drawing.clear()}>
                Clear
              </Button>
            }
          >
            <Canvas drawing={drawing} />
            <TestDigits shown={shown} last={last.value} onShow={show} />
          </Card>
          <Card title="Prediction">
            <Prediction
              result={result}
              picture={picture}
              truth={shown?.label}
              classCount={model.classCount}
            />
            {predictor.failure.value && (
              <p class="failure" role="alert">
                {predictor.failure.value.message}
              </p>
            )}
          </Card>
        </div>
        <Card title="Activations by layer" class="stages">
          <Stages model={model} result={result} picture={picture} />
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
          label="Drop other units"
          onClick={() => (place.value = (place.value + 1) % 1_000)}
        />
      )}
    </>
  );
}

/** Requests a prediction whenever the input or the dropout switch changes. @returns stops this */
function predictOnChange(drawing: Drawing, predictor: Predictor, place: () => number): () => void {
  return effect(() => {
    const pixels = drawing.picture.value;
    const dropout = dropoutParam.value === 'on';
    const input = { dropout, place: place() };
    if (!pixels) return predictor.clear();
    predictor.predict({ pixels, ...input });
  });
}

function repeatPeriodically(predictor: Predictor): () => void {
  const timer = setInterval(() => {
    const version = store.run.peek()?.version;
    const result = predictor.result.peek();
    const changed = result !== undefined && version !== undefined && version !== result.version;
    if (!document.hidden && (changed || predictor.failure.peek())) predictor.repeat();
  }, AGAIN_MS);
  return () => clearInterval(timer);
}

/** Keeps the address and the shown test image in sync. @returns stops this */
function syncWithAddress(drawing: Drawing, last: { value: number }): () => void {
  // Show the first image if the address names none.
  if (digitParam.peek() === undefined) void showDigit(drawing, last, 0);
  const toDesk = effect(() => {
    const wanted = digitParam.value;
    if (wanted !== undefined && Number(wanted) !== drawing.shown.peek()?.index) {
      void showDigit(drawing, last, Number(wanted));
    }
  });
  let before = drawing.shown.peek();
  const toAddress = effect(() => {
    const shown = drawing.shown.value;
    if (before && !shown) choose('digit', undefined);
    before = shown;
  });
  return () => {
    toDesk();
    toAddress();
  };
}

async function showDigit(drawing: Drawing, last: { value: number }, index: number): Promise<void> {
  const before = drawing.picture.peek();
  try {
    const digit = await fetchTestDigit(index);
    if (drawing.picture.peek() !== before) return; // the user has drawn meanwhile
    last.value = digit.index;
    drawing.show(digit);
  } catch (error) {
    notifyError(`Test image ${index} could not be loaded`, error);
  }
}
