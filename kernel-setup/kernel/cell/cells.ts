/** Cells, from their text to their outcome. */
import { randomUUID } from 'node:crypto';
import { endingAt, inCell, type Cell } from '../stop/context';
import { addScript, cellName, lineAndColumn, type SourceLocation } from '../syntax/locations';
import { root } from '../syntax/root';
import { createModules } from '../modules/modules';
import { createRecord } from '../record/ran';
import { stage, stopped } from '../stop/eras';
import { rememberTexts } from '../stop/texts';
import { whenEndedHere } from '../stop/terminate';
import { abandoned } from '../stop/waits';
import { createTypes, type Finding } from '../types/types';
import { analyse, halfPair, type Analysis } from '../syntax/analyse';
import { compile } from './compile';
import { follow } from './live-imports';
import { createEvaluate, type Evaluated } from './evaluate';
import { disposeAll, SuppressedError, using } from './using';

type Outcome =
  /** `at` is where the expression begins that has given the value. */
  | { status: 'ok'; value?: unknown; at?: SourceLocation }
  | { status: 'thrown'; thrown: unknown }
  | { status: 'refused'; findings: Finding[] };

export type Cells = ReturnType<typeof createCells>;

interface CellHooks {
  /** The cell's own code is about to run. */
  onStart(): void;
  /** It has reached its first await. */
  onAwait(): void;
  /** Functions that cells have without importing them, each with its declaration in TypeScript. */
  globals: Record<string, { declaration: string; value: unknown }>;
}

const hide = (name: string, value: unknown) =>
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });

const movedText = (name: string) =>
  `${name} was a variable until now, and its new value follows a module: functions of earlier cells keep the variable.`;

const invalidCharacter = { code: 1127, message: 'Invalid character: half of a surrogate pair.', details: [] };

export function createCells({ onStart, onAwait, globals }: CellHooks) {
  const cwd = process.cwd();
  const types = createTypes({ cwd, root, globals: Object.values(globals).map(({ declaration }) => declaration) });
  const modules = createModules({ cwd, root });
  for (const [name, { value }] of Object.entries(globals)) hide(name, value);
  hide('__import__', Object.assign(modules.import, { meta: modules.meta, using, follow }));
  hide('_SuppressedError', SuppressedError);
  hide('require', modules.require);
  hide('__dirname', cwd);
  const { evaluate, giveUp, givingUp } = createEvaluate();
  whenEndedHere(givingUp);
  const record = createRecord(modules);
  let scripts = 0;

  /** Runs what the compiler has accepted. */
  async function start(cell: Cell, analysis: Analysis): Promise<Outcome> {
    cell.signal.throwIfAborted();
    modules.refresh();
    const { code, maps, texts, moved, result } = compile(analysis, modules.isLive);
    types.enter(analysis);
    rememberTexts(texts.stopping, texts.written);
    const cut = record.start(analysis, texts.written);
    const name = `${cellName}${++scripts}`;
    addScript(name, `cell ${cell.count}`, analysis.source, code, maps);
    let finished = false;
    try {
      onStart();
      for (const each of moved) inCell(cell, () => console.warn(movedText(each)));
      const evaluated = inCell(cell, () => evaluate(`${code}\n//# sourceURL=${name}`));
      onAwait();
      const ended = await evaluated;
      const undisposed = await inCell(cell, () => endingAt(stage.over, disposeAll));
      const outcome: Evaluated = ended.status === 'ok' && undisposed ? { status: 'thrown', ...undisposed } : ended;
      finished = outcome.status === 'ok' && !cell.signal.aborted;
      if (outcome.status === 'ended') return { status: 'thrown', thrown: abandoned() ?? stopped() };
      if (outcome.status === 'thrown') return outcome;
      if (!result) return { status: 'ok' };
      const { source, program } = analysis;
      return {
        status: 'ok',
        value: outcome.value,
        at: {
          label: `cell ${cell.count}`,
          ...lineAndColumn(source, program.body.at(-1)!.start),
          lines: source.split('\n'),
        },
      };
    } finally {
      if (!finished) cut(`was cut ${randomUUID()}`);
    }
  }

  return {
    async run(cell: Cell, source: string): Promise<Outcome> {
      const half = source.search(halfPair);
      if (half >= 0) return { status: 'refused', findings: [{ ...invalidCharacter, start: half, end: half + 1 }] };
      const analysis = analyse(source);
      const findings = await types.check(analysis, cell.count);
      return findings.length > 0 ? { status: 'refused', findings } : start(cell, analysis);
    },
    /** Waits no longer for the cell that runs. */
    abandon: giveUp,
    inspect: types.inspect,
    complete: types.complete,
    close: types.close,
  };
}
