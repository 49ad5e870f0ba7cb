/**
 * What must hold before TensorFlow.js loads. The native runtime reads these variables once, at load:
 * quiet logs; a thread pool for each session, so that a compiled program's thread count holds for it alone; and the full vectors
 * of processors with AVX-512 (with halves, XLA's own choice, loops in double take up to 1.3 times as long, middle-sized ones in
 * float32 0.94 times).
 */
import util from 'node:util';

const defaults = { TF_CPP_MIN_LOG_LEVEL: '3', TF_ENABLE_ONEDNN_OPTS: '0', TF_OVERRIDE_GLOBAL_THREADPOOL: '1' };
for (const [name, value] of Object.entries(defaults)) process.env[name] ??= value;
const flags = process.env.XLA_FLAGS ?? '';
if (!flags.includes('--xla_cpu_prefer_vector_width')) process.env.XLA_FLAGS = `${flags} --xla_cpu_prefer_vector_width=512`.trim();

// tfjs-node 4.22.0 calls these two: Node 23 removed the first and warns of the second.
Object.assign(util, { isNullOrUndefined: (value: unknown) => value === null || value === undefined, isArray: Array.isArray });
