import { reportBytes, reportPhases, type BytesReport, type PhaseReport } from './step-reports.js';
import { measureCeiling, type Ceiling } from './ceiling.js';
import { measureEndToEnd, type EndToEnd } from './end-to-end.js';
import type { BenchSettings, PartName } from './bench-settings.js';
import { median } from './statistics.js';

/** One number per round, and their median. */
export interface Measured {
  readonly median: number;
  readonly rounds: readonly number[];
  /** Cores that other programs used on average, per round: they disturb the measurement. */
  readonly othersCores?: readonly (number | undefined)[];
}

/** Measurements of real runs and their ceiling, for the requested parts. */
export interface SpeedReport {
  readonly backend?: string;
  /** Samples per second. */
  readonly ceiling?: Measured;
  /** The ceiling where the workers wait for each other in every step. */
  readonly ceilingInStep?: Measured;
  readonly endToEnd?: Measured;
  /** End to end against the ceiling of the same round. */
  readonly ratio?: Measured;
  readonly ratioInStep?: Measured;
  readonly phases?: PhaseReport;
  readonly bytes?: readonly BytesReport[];
}

/**
 * Measures ceilings and real run alternately: absolute times drift, the ratio within a round does not.
 *
 * @param tell called with a line for each measurement
 */
export async function measureSpeed(
  settings: BenchSettings,
  parts: ReadonlySet<PartName>,
  tell: (line: string) => void,
): Promise<SpeedReport> {
  const ceilings: Ceiling[] = [];
  const inStep: Ceiling[] = [];
  const runs: EndToEnd[] = [];
  const real = parts.has('end-to-end') || parts.has('phases') || parts.has('bytes');
  for (let round = 1; round <= settings.rounds; round++) {
    if (parts.has('ceiling')) {
      const ceiling = await measureCeiling(settings, false);
      ceilings.push(ceiling);
      tell(`round ${round}: ceiling ${described(ceiling)}`);
      const waiting = await measureCeiling(settings, true);
      inStep.push(waiting);
      tell(`round ${round}: ceiling, in step ${described(waiting)}`);
    }
    if (real) {
      const run = await measureEndToEnd(settings);
      runs.push(run);
      tell(`round ${round}: end to end ${described(run)}`);
    }
  }
  const timelines = runs.flatMap((run) => run.timelines);
  const [first] = runs;
  const both = parts.has('ceiling') && parts.has('end-to-end');
  return {
    ...(first ? { backend: first.backend } : {}),
    ...(parts.has('ceiling') ? { ceiling: rates(ceilings), ceilingInStep: rates(inStep) } : {}),
    ...(parts.has('end-to-end') ? { endToEnd: rates(runs) } : {}),
    ...(both ? { ratio: ratios(runs, ceilings), ratioInStep: ratios(runs, inStep) } : {}),
    ...(parts.has('phases') ? { phases: reportPhases(timelines) } : {}),
    ...(parts.has('bytes') && first ? { bytes: await measureBytes(settings, first) } : {}),
  };
}

function rates(of: readonly Ceiling[]): Measured {
  const others = { othersCores: of.map(({ othersCores }) => othersCores) };
  return { ...measured(of.map(({ samplesPerSecond }) => samplesPerSecond)), ...others };
}

/** Of two measurements of the same round. */
function ratios(of: readonly Ceiling[], against: readonly Ceiling[]): Measured {
  const ratio = ({ samplesPerSecond }: Ceiling, round: number): number =>
    samplesPerSecond / (against[round]?.samplesPerSecond ?? NaN);
  return measured(of.map(ratio));
}

function described({ samplesPerSecond, othersCores = 0 }: Ceiling): string {
  const rate = `${Math.round(samplesPerSecond)} samples/s`;
  const disturbed = othersCores > DISTURBING_CORES;
  return disturbed ? `${rate}, disturbed: others used ${othersCores.toFixed(2)} cores` : rate;
}

/** More than the background load of an idle machine. */
const DISTURBING_CORES = 0.1;

function measured(rounds: readonly number[]): Measured {
  return { median: median(rounds), rounds };
}

const FEW_STEPS = 5;

/** Bytes of the measured wire format, and of the other one from a run of a few steps. */
async function measureBytes(settings: BenchSettings, run: EndToEnd): Promise<BytesReport[]> {
  const wire = settings.wire === 'f32' ? 'bf16' : 'f32';
  const other = await measureEndToEnd({ ...settings, wire, warmup: 1, steps: FEW_STEPS });
  return [reportBytes(settings.wire, run), reportBytes(wire, other)];
}
