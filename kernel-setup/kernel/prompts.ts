/** Asks the reader of the notebook: prompt, promptSecret and confirm, and lines for whoever reads process.stdin. */
import { Readable } from 'node:stream';
import { currentCell, type Cell } from './stop/context';
import type { Link } from './link';
import { refuseStandardInput } from './stdio/standard-input';
import { stopped } from './stop/eras';

/** The cell that a question belongs to, when it may be asked. */
function asking(what: string): Cell {
  const cell = currentCell();
  if (!cell?.request.content.allow_stdin)
    throw new Error(`${what}: whoever runs this notebook takes no input; set the value in the cell instead`);
  return cell;
}

const shown = (message: string) => (message && !/\s$/.test(message) ? `${message} ` : message);

/** What cells have without importing it, each with its declaration in TypeScript. */
export function createPrompts(link: Link) {
  function ask(what: string, message: string, password = false): string {
    const { request } = asking(what);
    const line = link.ask(request, what, { prompt: message, password });
    if (line === undefined) throw stopped();
    return line;
  }
  return {
    prompt: {
      declaration: 'declare function prompt(message?: string, defaultValue?: string): string;',
      value(message = '', defaultValue?: string): string {
        const offered = defaultValue === undefined ? '' : `[${defaultValue}] `;
        const line = ask('prompt', offered ? shown(String(message)) + offered : String(message));
        return line === '' && defaultValue !== undefined ? String(defaultValue) : line;
      },
    },
    promptSecret: {
      declaration: 'declare function promptSecret(message?: string): string;',
      value: (message = ''): string => ask('promptSecret', String(message), true),
    },
    confirm: {
      declaration: 'declare function confirm(message?: string): boolean;',
      value: (message = ''): boolean => /^\s*y(es)?\s*$/i.test(ask('confirm', `${shown(String(message))}[y/N] `)),
    },
  };
}

/**
 * The lines that the reader types, for node:readline and others that read process.stdin. Each is asked for while the
 * cell runs whose program reads it.
 */
class Lines extends Readable {
  #isWanted = false;
  /** Whether a line was asked for and has not come. */
  isAsked = false;

  constructor(private readonly link: Link) {
    super();
  }

  /** Called by whoever begins to read; it throws there, since an error of the stream would reach nobody. */
  override resume(): this {
    try {
      asking('process.stdin');
    } catch (error) {
      this.destroy();
      throw error;
    }
    setImmediate(() => this.#ask());
    return super.resume();
  }

  override _read(): void {
    this.#isWanted = true;
    setImmediate(() => this.#ask());
  }

  get isRead(): boolean {
    const flows = this.readableFlowing && this.listenerCount('data') > 0;
    return (flows || this.listenerCount('readable') > 0) && !this.readableEnded && !this.destroyed;
  }

  #ask(): void {
    if (!this.#isWanted || !this.isRead || !this.link.isRunning()) return;
    this.#isWanted = false;
    try {
      const { request, signal } = asking('process.stdin');
      const end = () => this.push(null);
      signal.addEventListener('abort', end, { once: true });
      this.isAsked = true;
      this.link.askLater(request, 'process.stdin', line => {
        this.isAsked = false;
        signal.removeEventListener('abort', end);
        this.push(`${line}\n`);
      });
    } catch (error) {
      this.destroy(error as Error);
    }
  }
}

/** Replaces process.stdin; what is given back is to be called when a cell has ended. */
export function installStdin(link: Link): () => void {
  refuseStandardInput();
  let lines: Lines | undefined;
  const get = () => (lines && !lines.readableEnded && !lines.destroyed ? lines : (lines = new Lines(link)));
  Object.defineProperty(process, 'stdin', { get, configurable: true, enumerable: true });
  return () => {
    link.withdraw();
    if (!lines?.isRead && !lines?.isAsked) return;
    const { isRead } = lines;
    lines.push(null);
    lines = undefined;
    if (!isRead) return;
    process.stderr.write(
      'process.stdin was still read when the cell ended, and is closed: await what it gives in the cell that asks.\n',
    );
  };
}
