/** TypeScript's language server as a process: requests, notifications and its end, in the Language Server Protocol. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';

/** The server ended before it answered. */
export class ServerEnded extends Error {}

export interface Server {
  request(method: string, params: object): Promise<any>;
  notify(method: string, params: object): void;
  end(): void;
  readonly pid: number | undefined;
}

/** How long an answer is waited for before the server is taken to hang. */
const patienceMs = 300_000;

interface Message {
  id?: number;
  method?: string;
  params?: { registrations?: unknown; items?: unknown[] };
  result?: unknown;
  error?: { message: string };
}

/** The compiler's executable for this machine. TypeScript names its package and the file in it by the platform. */
export function compiler(root: string): string {
  const typescript = createRequire(path.join(root, 'package.json')).resolve('typescript-7/package.json');
  const platform = `@typescript/typescript-${process.platform}-${process.arch}/package.json`;
  return path.join(path.dirname(createRequire(typescript).resolve(platform)), 'lib', 'tsc');
}

/** Hands over the messages in a stream of bytes, each of which has its length before it. */
function reading(receive: (message: Message) => void) {
  let chunks: Buffer[] = [];
  let size = 0;
  let needed = 0;
  return (chunk: Buffer): void => {
    chunks.push(chunk);
    size += chunk.length;
    if (size < needed) return;
    let bytes = Buffer.concat(chunks);
    for (needed = 0; ; ) {
      const head = bytes.indexOf('\r\n\r\n');
      if (head < 0) break;
      const length = Number(/Content-Length: (\d+)/i.exec(bytes.toString('latin1', 0, head))![1]);
      const end = head + 4 + length;
      if (bytes.length < end) {
        needed = end;
        break;
      }
      receive(JSON.parse(bytes.toString('utf8', head + 4, end)));
      bytes = bytes.subarray(end);
    }
    chunks = [bytes];
    size = bytes.length;
  };
}

/** Names that would first have to be imported are not offered: there are thousands. */
const settings = { suggest: { autoImports: false } };

/** What the server's own requests are answered. The others register what it would like to be told of. */
const answer = (method: string, params: Message['params']) =>
  method === 'workspace/configuration' ? params!.items!.map(() => settings) : null;

/** How the process is started: in a group of its own, so that Ctrl-C in a terminal does not reach it. */
function launch(root: string, cwd: string): ChildProcessWithoutNullStreams {
  const child = spawn(compiler(root), ['--lsp', '--stdio'], {
    cwd,
    detached: true,
    // Half of Go's default: the collector runs twice as often, which costs little and saves a fifth of the memory.
    env: { ...process.env, GOGC: '50' },
  });
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => {});
  return child;
}

export function startServer(root: string, cwd: string): Server {
  const child = launch(root, cwd);
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  let last = 0;
  let complaint = '';
  let ended: ServerEnded | undefined;
  let isSound = false;

  const send = (message: object) => {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message });
    child.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  };
  const onEnd = (how: string) => {
    const remedy = isSound ? '' : ', before it answered anything; run `npm run setup -- --repair`';
    ended ??= new ServerEnded(`TypeScript's language server ended: ${how}${remedy}\n${complaint}`.trim());
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };

  child.stdout.on(
    'data',
    reading(({ id, method, params, result, error }) => {
      isSound = true;
      if (id === undefined) return;
      if (method) return send({ id, result: answer(method, params) });
      const asker = waiting.get(id);
      waiting.delete(id);
      if (error) asker?.reject(new Error(`TypeScript's language server: ${error.message}`));
      else asker?.resolve(result);
    }),
  );
  child.stderr.on('data', (text: Buffer) => {
    complaint = (complaint + text).slice(-2000);
  });
  child.on('error', error => onEnd(error.message));
  child.on('exit', (code, signal) => onEnd(signal ?? `code ${code}`));

  const hangs = () => {
    complaint = `it gave no answer for ${patienceMs / 1000} s`;
    child.kill('SIGKILL');
  };

  return {
    request(method, params) {
      const patience = setTimeout(hangs, patienceMs).unref();
      const answered = new Promise<any>((resolve, reject) => {
        if (ended) return reject(ended);
        waiting.set(++last, { resolve, reject });
        send({ id: last, method, params });
      });
      return answered.finally(() => clearTimeout(patience));
    },
    notify: (method, params) => {
      if (!ended) send({ method, params });
    },
    end: () => void child.kill(),
    pid: child.pid,
  };
}
