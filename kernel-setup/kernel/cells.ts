/**
 * Runs cells through tslab, and keeps what tslab only prints: the last value, the thrown value, the compiler's
 * findings.
 */
import { randomUUID } from 'node:crypto';
import { createConverter, type Converter, type Diagnostic } from 'tslab/dist/converter';
import { createExecutor, type ConverterSet } from 'tslab/dist/executor';
import { awaitsAtTop } from './compiler';
import { Interrupted, stopCalls, type Cell } from './context';
import { addScript, cellName } from './positions';
import { createRecord } from './ran';
import { refreshLibrary } from './refresh';

export type Outcome =
  | { status: 'ok'; value?: unknown }
  | { status: 'thrown'; thrown: unknown }
  | { status: 'refused'; diagnostics: Diagnostic[] };

export type Cells = ReturnType<typeof createCells>;

/** What tslab puts before a cell's code, on the same line. */
const wrapper = { sync: '(function(exports, require) { ', async: '(async function(exports, require) { ' };

export interface CellHooks {
  /** The cell's own code is about to run. */
  onStart(): void;
  /** It has reached its first await. */
  onAwait(): void;
  /** Not 0 while busy code is to end. */
  stop: Int32Array;
  /** Functions that cells have without importing them. */
  globals: Record<string, { declaration: string; value: unknown }>;
}

export function createCells({ onStart, onAwait, stop, globals }: CellHooks) {
  const converter = createConverter({ isJS: false, isBrowser: false });
  // The library stays part of the program whether or not a cell imports it, so that its types are read once, at the
  // start.
  const prelude = "import type {} from 'widenet';\n";
  let declarations = Object.values(globals)
    .map(g => `${g.declaration}\n`)
    .join('');
  let running: { cell: Cell; outcome: Outcome; lastExpression?: string; cut?(how: string): void } | undefined;
  let scripts = 0;

  // tslab forgets the declarations of a cell that fails; these are kept here.
  const keeping: Converter = {
    ...converter,
    inspect: (_, code, position) => converter.inspect(prelude + declarations, code, position),
    complete: (_, code, position) => converter.complete(prelude + declarations, code, position),
    addModule(name, code, ...rest) {
      running!.cut = record.start(code, '');
      return converter.addModule(name, code, ...rest);
    },
    convert(_, code) {
      const result = converter.convert(prelude + declarations, code);
      if (result.diagnostics.length > 0) {
        running!.outcome = { status: 'refused', diagnostics: result.diagnostics };
        return result;
      }
      declarations = result.declOutput ?? '';
      running!.cell.signal.throwIfAborted();
      if (!result.output) return result;
      refreshLibrary(result.output);
      running!.cut = record.start(code, result.output);
      const name = `${cellName}${++scripts}`;
      const hasToplevelAwait = awaitsAtTop(result.output);
      addScript(name, `cell ${running!.cell.count}`, code, result.output, {
        column: wrapper[hasToplevelAwait ? 'async' : 'sync'].length,
        linesAbove: 1,
      });
      onStart();
      running!.lastExpression = result.lastExpressionVar;
      return {
        ...result,
        lastExpressionVar: undefined,
        hasToplevelAwait,
        output: `${withValues(result.output)}\n//# sourceURL=${name}`,
      };
    },
  };

  const converters: ConverterSet = {
    node: keeping,
    get browser(): Converter {
      throw new Error('cells marked @browser are not supported: figures are drawn from data by the frontend');
    },
    close: () => converter.close(),
  };
  const executor = createExecutor(process.cwd(), converters, {
    log() {},
    error(...args) {
      if (args.length === 1) running!.outcome = { status: 'thrown', thrown: args[0] };
      else if (running!.outcome.status !== 'refused') console.error(...args);
    },
  });
  // tslab keeps the cells' variables behind a Proxy, which makes each assignment a hundred times slower than in this
  // plain object.
  const variables: Record<string, unknown> = Object.fromEntries(
    Object.entries(globals).map(([name, { value }]) => [name, value]),
  );
  const tslab: { signal?: AbortSignal } = Object.assign((globalThis as any).__tslab__, stopCalls(stop), {
    exports: variables,
  });
  const record = createRecord(variables);

  return {
    async run(cell: Cell, code: string): Promise<Outcome> {
      tslab.signal = cell.signal;
      const mine: NonNullable<typeof running> = (running = { cell, outcome: { status: 'ok' } });
      try {
        const done = executor.execute(code);
        onAwait();
        await done;
        if (mine.outcome.status === 'ok' && mine.lastExpression) {
          mine.outcome = { status: 'ok', value: withoutName(variables[mine.lastExpression], mine.lastExpression) };
          variables[mine.lastExpression] = undefined;
        }
      } catch (thrown) {
        mine.outcome = { status: 'thrown', thrown };
      }
      if (mine.outcome.status === 'thrown' && isSigint(mine.outcome.thrown))
        mine.outcome = { status: 'thrown', thrown: new Interrupted() };
      if (mine.outcome.status !== 'ok' || cell.signal.aborted) mine.cut?.(`was cut ${randomUUID()}`);
      return mine.outcome;
    },
    /** Reads the library's types. */
    warmUp: () => void converter.convert(prelude + declarations, ''),
    /** Stops waiting for the running cell. */
    abandon: () => executor.interrupt(),
    inspect: (code: string, position: number) => executor.inspect(code, position),
    complete: (code: string, position: number) => executor.complete(code, position),
  };
}

/** A function without a name, which got that of tslab's variable. */
function withoutName(value: unknown, given: string): unknown {
  return typeof value === 'function' && value.name === given
    ? Object.defineProperty(value, 'name', { value: '' })
    : value;
}

/** Imported names as plain variables of the cells, which may be declared anew, instead of getters, which may not. */
const withValues = (code: string) =>
  code.replace(
    /^Object\.defineProperty\(exports, "(\w+)", \{ enumerable: true, get: function \(\) \{ return ([\w.$]+); \} \}\);$/gm,
    'exports.$1 = $2;',
  );

const isSigint = (thrown: unknown) =>
  (thrown as { code?: string } | undefined)?.code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED';
