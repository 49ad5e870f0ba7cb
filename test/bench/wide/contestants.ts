/** Who makes the steps: widenet in its modes, and the peers. */
import path from 'node:path';
import { compile, readNpz, writeNpz } from 'widenet';
import { peer, type Peer } from '../python';
import { flat, nested, type Arrays } from './arrays';
import type { Workload } from './workload';

/** In seconds; CPU time is that of all threads. */
export interface Spent {
  wall: number;
  cpu: number;
}

export interface Contestant {
  name: string;
  /** The first call, of one step: trace and compilation. */
  first: Spent;
  /** So many steps from the start. */
  time: (steps: number) => Promise<Spent>;
  /** The state after so many steps, by name. */
  end: (steps: number) => Promise<Arrays>;
}

async function spent(f: () => Promise<unknown>): Promise<Spent> {
  const [begun, before] = [performance.now(), process.cpuUsage()];
  await f();
  const { user, system } = process.cpuUsage(before);
  return { wall: (performance.now() - begun) / 1e3, cpu: (user + system) / 1e6 };
}

/** widenet, and the mode that it took. */
export async function ours({ step, state, data, dtype }: Workload, asked: 'auto' | 'xla' | 'graph') {
  const run = compile(step, { mode: asked, dtype });
  // The peers, too, take their data's doubles once, not at each call.
  const held = dtype === 'float64' ? data : nested(flat(data), data);
  const call = (steps: number) => run(state, { data: held, steps });
  const first = await spent(() => call(1));
  const { mode } = await run.train(state, { data: held, steps: 1 });
  const contestant: Contestant = {
    name: asked === 'auto' ? 'widenet' : asked,
    first,
    time: steps => spent(() => call(steps)),
    end: async steps => flat(await call(steps)),
  };
  return { contestant, mode };
}

/** The peers that are installed, each a process that lives until `close`. */
export function openPeers(folder: string) {
  const script = path.join('wide', 'peers.py');
  const all: Record<string, Peer | undefined> = {
    JAX: peer('jax', [script, 'jax']),
    'JAX x64': peer('jax', [script, 'jax'], { JAX_ENABLE_X64: '1' }),
    'PyTorch, 1 thread': peer('torch', [script, 'torch', '1']),
    'PyTorch, 2 threads': peer('torch', [script, 'torch', '2']),
  };
  async function open({ ask }: Peer, name: string, { name: step, title, dtype, state, data }: Workload) {
    const start = path.join(folder, `${title.replaceAll(/\W+/g, '-')}.npz`);
    writeNpz(start, flat({ state, data }));
    const question = { name: step, dtype: dtype ?? 'float32', start, end: null };
    const [, first] = await ask({ ...question, steps: 1 });
    const contestant: Contestant = {
      name,
      first,
      time: async steps => (await ask({ ...question, steps }))[0],
      end: async steps => {
        const end = path.join(folder, 'end.npz');
        await ask({ ...question, steps, end });
        return readNpz(end);
      },
    };
    return contestant;
  }
  return {
    /** Those that do a workload; JAX first. */
    of: async (workload: Workload): Promise<Contestant[]> => {
      const opened: Contestant[] = [];
      for (const [name, process] of Object.entries(all)) {
        const jax = workload.dtype === 'float64' ? 'JAX x64' : 'JAX';
        const asked = name.startsWith('PyTorch') ? workload.torch : name === jax && workload.torch !== 'alone';
        if (process && asked) opened.push(await open(process, name === jax ? 'JAX' : name, workload));
      }
      return opened;
    },
    close: () => Object.values(all).forEach(process => process?.end()),
  };
}
