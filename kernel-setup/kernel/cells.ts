/**
 * Runs cells through tslab, and keeps what tslab only prints: the last value, the thrown value and the diagnostics of
 * the compiler.
 */
import { randomUUID } from 'node:crypto';
import { createConverter, type Converter, type Diagnostic } from 'tslab/dist/converter';
import { createExecutor, type ConverterSet } from 'tslab/dist/executor';
import { awaitsAtTop } from './compiler';
import { stopCalls, stopped, type Cell } from './context';
import { addScript, cellName } from './locations';
import { createRecord } from './ran';
import { refreshLibrary } from './refresh';

type Outcome =
  | { status: 'ok'; value?: unknown }
  | { status: 'thrown'; thrown: unknown }
  | { status: 'refused'; diagnostics: Diagnostic[] };

export type Cells = ReturnType<typeof createCells>;

/** What tslab puts before a cell's code, on the same line. */
const wrapper = { sync: '(function(exports, require) { ', async: '(async function(exports, require) { ' };

interface CellHooks {
  /** The cell's own code is about to run. */
  onStart(): void;
  /** It has reached its first await. */
  onAwait(): void;
  /** Not 0 while busy code is to end. */
  stop: Int32Array;
  /** Functions that cells have without importing them. */
  globals: Record<string, { declaration: string; value: unknown }>;
}

/** A cell that runs. */
interface Running {
  readonly cell: Cell;
  outcome: Outcome;
  /** The variable in which tslab keeps the value of the last expression. */
  lastExpression?: string;
  /** Records that the cell did not come to its end. */
  cut?(how: string): void;
}

/** What is kept from cell to cell. */
interface Session {
  /** The types of all variables; tslab forgets the declarations of a cell that fails. */
  declarations: string;
  running?: Running;
  scripts: number;
}

type Convert = (code: string) => ReturnType<Converter['convert']>;

/** Compiles a cell, and prepares what its run needs: its source maps, the library as it is now, the record of runs. */
function compiling(session: Session, convert: Convert, record: ReturnType<typeof createRecord>, onStart: () => void) {
  return (code: string): ReturnType<Converter['convert']> => {
    const running = session.running!;
    const result = convert(code);
    if (result.diagnostics.length > 0) {
      running.outcome = { status: 'refused', diagnostics: result.diagnostics };
      return result;
    }
    session.declarations = result.declOutput ?? '';
    running.cell.signal.throwIfAborted();
    if (!result.output) return result;
    refreshLibrary(result.output);
    running.cut = record.start(code, result.output);
    const name = `${cellName}${++session.scripts}`;
    const hasToplevelAwait = awaitsAtTop(result.output);
    addScript(name, `cell ${running.cell.count}`, code, result.output, {
      column: wrapper[hasToplevelAwait ? 'async' : 'sync'].length,
      linesAbove: 1,
    });
    onStart();
    running.lastExpression = result.lastExpressionVar;
    return {
      ...result,
      lastExpressionVar: undefined,
      hasToplevelAwait,
      output: `${withValues(result.output)}\n//# sourceURL=${name}`,
    };
  };
}

/** tslab's executor, whose findings and errors go to the running cell instead of to its log. */
function createTslab(session: Session, node: Converter) {
  const converters: ConverterSet = {
    node,
    get browser(): Converter {
      throw new Error('cells marked @browser are not supported: figures are drawn from data by the frontend');
    },
    close: () => node.close(),
  };
  return createExecutor(process.cwd(), converters, {
    log() {},
    error(...args) {
      if (args.length === 1) session.running!.outcome = { status: 'thrown', thrown: args[0] };
      else if (session.running!.outcome.status !== 'refused') console.error(...args);
    },
  });
}

export function createCells({ onStart, onAwait, stop, globals }: CellHooks) {
  const converter = createConverter({ isJS: false, isBrowser: false });
  // The library stays part of the program whether or not a cell imports it, so that its types are read once.
  const prelude = "import type {} from 'widenet';\n";
  const declared = Object.values(globals).map(({ declaration }) => `${declaration}\n`);
  const session: Session = { declarations: declared.join(''), scripts: 0 };
  const known = () => prelude + session.declarations;
  const convert: Convert = code => converter.convert(known(), code);
  // tslab keeps the cells' variables behind a Proxy, which makes each assignment a hundred times slower than this plain
  // object does.
  const variables: Record<string, unknown> = Object.fromEntries(
    Object.entries(globals).map(([name, { value }]) => [name, value]),
  );
  const record = createRecord(variables);
  const compile = compiling(session, convert, record, onStart);
  const executor = createTslab(session, {
    ...converter,
    inspect: (_, code, position) => converter.inspect(known(), code, position),
    complete: (_, code, position) => converter.complete(known(), code, position),
    addModule(name, code, ...rest) {
      session.running!.cut = record.start(code, '');
      return converter.addModule(name, code, ...rest);
    },
    convert: (_, code) => compile(code),
  });
  const tslab: { signal?: AbortSignal } = Object.assign((globalThis as any).__tslab__, stopCalls(stop), {
    exports: variables,
  });

  return {
    async run(cell: Cell, code: string): Promise<Outcome> {
      tslab.signal = cell.signal;
      const mine: Running = (session.running = { cell, outcome: { status: 'ok' } });
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
        mine.outcome = { status: 'thrown', thrown: stopped() };
      if (mine.outcome.status !== 'ok' || cell.signal.aborted) mine.cut?.(`was cut ${randomUUID()}`);
      return mine.outcome;
    },
    /** Reads the library's types. */
    warmUp: () => void convert(''),
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
    /^Object\.defineProperty\(exports, "(\w+)", \{ enumerable: true, get: function \(\) \{ return ([\w.$]+); } }\);$/gm,
    'exports.$1 = $2;',
  );

const isSigint = (thrown: unknown) =>
  (thrown as { code?: string } | undefined)?.code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED';
