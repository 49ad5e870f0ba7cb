/** Whether two contestants make the same numbers of a workload. */
import { apart, flat, nested, numberOf } from './arrays';
import type { Contestant } from './contestants';
import type { Workload } from './workload';

/** By how much each peer and ours differ, as a part of what is allowed: more than 1 is another step. */
export async function disagreement(workload: Workload, ours: Contestant, peer: Contestant): Promise<number> {
  const { drawn, state, data } = workload;
  const steps = drawn?.steps ?? 3;
  const [a, b] = [await ours.end(steps), await peer.end(steps)];
  if (drawn) {
    const tensors = nested(flat(data), data);
    const [x, y] = [a, b].map(end => numberOf(drawn.mean, nested(end, state), tensors));
    return Math.abs(x - y) / Math.abs(y) / drawn.within;
  }
  const start = flat(state);
  return Math.max(...Object.keys(b).map(name => apart(a[name], b[name], start[name]))) / 1e-3;
}
