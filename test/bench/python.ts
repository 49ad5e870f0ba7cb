/** The Python of the peers, test/bench/.venv. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

const python = path.join(__dirname, '.venv', 'bin', 'python');

export function install(): void {
  execFileSync('python3', ['-m', 'venv', path.join(__dirname, '.venv')], { stdio: 'inherit' });
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', 'numpy', 'jax', 'torch'], { stdio: 'inherit' });
}

const version = (name: string): string | undefined => {
  if (!existsSync(python)) return undefined;
  const code = `from importlib.metadata import version; print(version('${name}'))`;
  const { status, stdout } = spawnSync(python, ['-c', code], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
};

/** What is installed, as the tables name it. */
export const versions = (): string[] =>
  Object.entries({ JAX: version('jax'), PyTorch: version('torch') }).flatMap(([name, v]) =>
    v ? [`${name} ${v}`] : [],
  );

export interface Peer {
  /** Writes a line of JSON and gives the line that answers it. */
  ask: (question: object) => Promise<any>;
  end: () => void;
}

/** A Python process that times one peer at a time; undefined where its package is not installed. */
export function peer(
  packageName: string,
  script: string[],
  environment: Record<string, string> = {},
): Peer | undefined {
  if (!version(packageName)) return undefined;
  const child = spawn(python, script, {
    cwd: __dirname,
    env: { ...process.env, XLA_FLAGS: '', ...environment },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    ask: async question => {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`${script.join(' ')} ended at ${JSON.stringify(question)}`);
      return JSON.parse(value);
    },
    end: () => child.stdin.end(),
  };
}
