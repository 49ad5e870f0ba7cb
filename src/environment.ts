/**
 * What must hold before TensorFlow.js loads. The native runtime reads these variables once, at load:
 * quiet logs, and a thread pool for each session, so that a compiled program's thread count holds for it alone.
 */
import util from 'node:util';

const defaults = { TF_CPP_MIN_LOG_LEVEL: '3', TF_ENABLE_ONEDNN_OPTS: '0', TF_OVERRIDE_GLOBAL_THREADPOOL: '1' };
for (const [name, value] of Object.entries(defaults)) process.env[name] ??= value;

// tfjs-node 4.22.0 calls these two: Node 23 removed the first and warns of the second.
Object.assign(util, { isNullOrUndefined: (value: unknown) => value === null || value === undefined, isArray: Array.isArray });
