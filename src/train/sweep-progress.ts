/** How far a sweep is, for its reader and for the runner. */
import { type Progress, progressLine, startBar } from '../notebook/progress';
import { tellProgress } from '../notebook/runner';
import { renewed } from '../notebook/show';

/** Milliseconds between two words to the runner. */
const pause = 500;

/** Progress of `total` cases, `kept` of which are done already, whichever process computes them. */
export function sweepProgress(total: number, label: string, kept: number): Progress {
  const bar = startBar(total, label, kept);
  const started = performance.now();
  let told = Number.NEGATIVE_INFINITY;
  return {
    at(done) {
      bar.at(done);
      const now = performance.now();
      if (now - told < pause) return;
      told = now;
      tellProgress(progressLine({ label, total, kept, done }, (now - started) / 1000));
    },
    end() {
      bar.end();
      tellProgress('');
    },
  };
}

/** What a sweep shows of its rows so far, if anything. What throws while rows are missing throws again at the end. */
export function sweepFigure(view: (() => unknown) | undefined) {
  const place = view && renewed(view);
  return {
    now: async () => place?.now(undefined).catch(() => {}),
    last: async () => place?.last(undefined),
  };
}
