/**
 * What must hold before TensorFlow.js loads. The native runtime reads these variables once, at load:
 * quiet logs; a thread pool for each session, so that a compiled program's thread count holds for it alone; the full vectors
 * of processors with AVX-512 (with halves, XLA's own choice, loops in double take up to 1.3 times as long, middle-sized ones in
 * float32 0.94 times); and NaN kept by max and min, which XLA drops by itself (kept, the smallest network of test/bench takes
 * 1.03 times as long, the others 0.95 to 1.05). Flags of the user's own stand, but for those by which NaN is dropped.
 */
import util from 'node:util';
import { fail } from './check';

const defaults = { TF_CPP_MIN_LOG_LEVEL: '3', TF_ENABLE_ONEDNN_OPTS: '0', TF_OVERRIDE_GLOBAL_THREADPOOL: '1' };
for (const [name, value] of Object.entries(defaults)) process.env[name] ??= value;

const flags = (process.env.XLA_FLAGS ?? '').split(/\s+/).filter(flag => flag !== '');
const dropping = flags.find(flag => /^--xla_cpu_enable_fast_(min_max|math)(=(?!false$|0$).*)?$/.test(flag));
if (dropping)
  fail('XLA_FLAGS', `${dropping} makes max and min drop NaN, so that a diverged run would not be told; take it out`);
for (const flag of ['--xla_cpu_prefer_vector_width=512', '--xla_cpu_enable_fast_min_max=false'])
  if (!flags.some(given => given.startsWith(flag.split('=')[0]))) flags.push(flag);
process.env.XLA_FLAGS = flags.join(' ');

// tfjs-node 4.22.0 calls these two: Node 23 removed the first and warns of the second.
Object.assign(util, {
  isNullOrUndefined: (value: unknown) => value === null || value === undefined,
  isArray: Array.isArray,
});
