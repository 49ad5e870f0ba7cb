/**
 * The environment variables that the native runtime reads once, when TensorFlow.js loads:
 * - quiet logs, and a thread pool for each session, so that the thread count of a compiled program holds for it alone;
 * - oneDNN only where it is asked for by name (compile/onednn.ts): its switch reaches no function that a loop calls;
 * - the full vectors of processors with AVX-512 (with the halves that XLA chooses, loops in double take up to 1.3 times
 *   as long);
 * - NaN kept by max and min, where XLA by default drops it (0.95 to 1.05 times as long).
 * Flags that the user has set stay, except those by which NaN is dropped: they are refused.
 */
import util from 'node:util';
import { fail } from './check';

const defaults = { TF_CPP_MIN_LOG_LEVEL: '3', TF_ENABLE_ONEDNN_OPTS: '0', TF_OVERRIDE_GLOBAL_THREADPOOL: '1' };
for (const [name, value] of Object.entries(defaults)) process.env[name] ??= value;

const flags = (process.env.XLA_FLAGS ?? '').split(/\s+/).filter(flag => flag !== '');
const dropping = flags.find(flag => /^--xla_cpu_enable_fast_(min_max|math)(=(?!false$|0$).*)?$/.test(flag));
if (dropping)
  fail('XLA_FLAGS', `${dropping} makes max and min drop NaN, so that a diverged run would not be noticed; remove it`);
for (const flag of ['--xla_cpu_prefer_vector_width=512', '--xla_cpu_enable_fast_min_max=false'])
  if (!flags.some(given => given.startsWith(flag.split('=')[0]))) flags.push(flag);
process.env.XLA_FLAGS = flags.join(' ');

// tfjs-node 4.22.0 calls these two: Node 23 removed the first and warns of the second.
Object.assign(util, {
  isNullOrUndefined: (value: unknown) => value === null || value === undefined,
  isArray: Array.isArray,
});
