/** execute_request: runs a cell and tells its result, whatever becomes of it. */
import { setImmediate } from 'node:timers/promises';
import { bundleOf } from '../../src/notebook/display';
import { stopBars } from '../../src/notebook/progress';
import type { Cells } from './cell/cells';
import { startCell, stopCells, type Cell } from './stop/context';
import { refusedFailure } from './errors/findings';
import type { Link } from './link';
import { documentation, exit, failed, tellTime, timedSource, timeMany, type Payload } from './magic-cells';
import { magicOf } from './syntax/magics';
import { toJson, type Publish } from './output';
import { stage } from './stop/eras';
import { stopFurther } from './stop/stages';
import { abandoned, forgetPlaces } from './stop/waits';
import { interruptedFailure, thrownFailure, type Failure } from './errors/traceback';
import type { Request } from './protocol/wire';
import type { SourceLocation } from './syntax/locations';

type Result = { data?: Record<string, unknown>; payload?: Payload; failure?: Failure; thrown?: unknown };

/** The failure of work on a result that displays itself: what it gives may not be JSON. */
function failureIn(work: () => void): Failure | undefined {
  try {
    work();
    return undefined;
  } catch (thrown) {
    return thrownFailure(thrown);
  }
}

interface Moments {
  /** Code that has run once is about to be run many times. */
  onTiming?(): void;
  /** The value of the expression that begins here is about to be displayed. */
  onDisplay?(at: SourceLocation): void;
}

/** Runs code as part of a cell. */
async function evaluate(cells: Cells, cell: Cell, code: string, { onTiming, onDisplay }: Moments): Promise<Result> {
  let at: SourceLocation | undefined;
  try {
    const magic = magicOf(code);
    if (magic?.name === 'unknown') return failed('MagicError', magic.why);
    if (magic?.name === 'docs') return await documentation(cells, magic);
    const left = magic?.name === 'exit' && exit(cell, magic.of);
    if (left) return left;
    const isTimed = magic?.name === 'time' || magic?.name === 'timeit';
    const { source, shown } = isTimed ? timedSource(code, magic) : { source: code, shown: code };
    const outcome = await cells.run(cell, source);
    if (outcome.status === 'refused') return { failure: refusedFailure(outcome.findings, shown, `cell ${cell.count}`) };
    if (magic?.name === 'time') tellTime(cell);
    if (outcome.status === 'thrown')
      return { failure: thrownFailure(outcome.thrown, abandoned()), thrown: outcome.thrown };
    if (magic?.name === 'timeit') {
      onTiming?.();
      await timeMany(cell, outcome.value as () => unknown);
      return {};
    }
    if (outcome.value === undefined) return {};
    at = outcome.at!;
    onDisplay?.(at);
    return { data: await bundleOf(outcome.value) };
  } catch (thrown) {
    return { failure: thrownFailure(thrown, undefined, at), thrown };
  }
}

/** The values of the expressions that a request asks for beside its code. */
async function userExpressions(cells: Cells, cell: Cell, expressions: Record<string, string>): Promise<object> {
  const entries: [string, object][] = [];
  for (const [name, expression] of Object.entries(expressions)) {
    const { data, failure: own } = await evaluate(cells, cell, `(${expression})`, {});
    const failure = own ?? failureIn(() => toJson(data ?? {}));
    entries.push([
      name,
      failure
        ? { status: 'error', ...failure }
        : { status: 'ok', data: data ?? { 'text/plain': 'undefined' }, metadata: {} },
    ]);
  }
  return Object.fromEntries(entries);
}

/** `onEnd`: a cell has ended. */
export function createExecute(cells: Cells, link: Link, publish: Publish, onEnd: () => void) {
  let count = 0;
  let abandon = () => {};

  return {
    /** The content of execute_reply, and whether it stops what is queued. */
    async execute(request: Request): Promise<{ reply: object; stops: boolean }> {
      const { code, silent, store_history, user_expressions, stop_on_error } = request.content;
      const kept = store_history && !silent;
      if (kept) link.remember({ line: ++count, input: code });
      forgetPlaces();
      const cell = startCell(request, count, silent);
      publish('execute_input', { code, execution_count: count }, cell);

      link.nextCell();
      link.setPhase('preparing');
      const unfinished = new Promise<Result>(resolve => {
        abandon = () => {
          cells.abandon();
          resolve({ thrown: abandoned() });
        };
      });
      let shownAt: SourceLocation | undefined;
      const ended = evaluate(cells, cell, code, {
        onTiming: () => link.setPhase('awaiting'),
        onDisplay: at => {
          shownAt = at;
        },
      });
      const { data, payload, failure, thrown } = await Promise.race([ended, unfinished]);
      link.setPhase('preparing');
      // Warnings, and promises that nobody handles, are told at the end of a turn: still before the end of the cell.
      await setImmediate();
      onEnd();
      // The button was pressed while the cell kept this thread busy.
      if (link.stop[0] > 0) stopCells(stage.asked);

      const result = { execution_count: count, data, metadata: {} };
      const unsent = data && failureIn(() => publish('execute_result', result, cell));
      const failed = cell.signal.aborted ? interruptedFailure(thrown, shownAt) : (failure ?? unsent);
      if (failed) stopBars();
      if (failed) publish('error', failed, cell);
      if (kept && data?.['text/plain'] !== undefined)
        link.remember({ line: count, output: String(data['text/plain']) });
      const expressions = failed ? {} : await userExpressions(cells, cell, user_expressions);
      link.setPhase('idle');
      return failed
        ? {
            reply: { status: 'error', execution_count: count, ...failed, payload: [], user_expressions: {} },
            stops: stop_on_error,
          }
        : {
            reply: {
              status: 'ok',
              execution_count: count,
              payload: payload ? [payload] : [],
              user_expressions: expressions,
            },
            stops: false,
          };
    },
    /** The same for a request that cannot be run: as for a cell that failed, what is queued does not run. */
    refuse(request: Request, failure: Failure): { reply: object; stops: boolean } {
      publish('error', failure, { request, silent: false });
      const reply = { status: 'error', execution_count: count, ...failure, payload: [], user_expressions: {} };
      return { reply, stops: true };
    },
    /**
     * The stop button was pressed `rounds` half seconds ago: first the cell's signal is aborted, then the cell is no
     * longer waited for.
     */
    interrupted(rounds: number): void {
      stopFurther(rounds, abandon);
    },
  };
}
