/** Reverse mode of loops inside traced functions: a loop that stores its carries, and one that runs backwards. */
import { lent } from '../../autodiff/differentiable';
import { engine, refuseGradient, type Gradients, type Tape } from '../../autodiff/tape-engine';
import { tf } from '../../autodiff/tf';
import { size } from '../../base/ndarray';
import { recordLoop } from '../trace/nested';
import { split } from '../while';
import type { Given, Loop, Looped } from './loop';
import { inPieces } from './pieces';

type Maybe = tf.Tensor | null;

const isFloat = ({ dtype }: tf.Tensor) => dtype === 'float32';
const zeros = ({ shape }: tf.Tensor) => tf.fill(shape, 0);

/** The most bytes that the carries of one loop may take. */
const mostBytes = 1e9;

/** The bytes of the carries that reverse mode stores, in double precision. */
const storedBytes = ({ count }: Loop, { carry }: Given) =>
  8 * count * carry.reduce((sum, { shape }) => sum + size(shape), 0);

/** The ids of the tensors on a tape that depend on what its gradient is with respect to. */
function dependent(tape: Tape | null): Set<number> {
  const ids = new Set(tape?.sources);
  for (const { inputs, outputs } of tape ?? [])
    if (Object.values(inputs).some(({ id }) => ids.has(id))) for (const { id } of outputs) ids.add(id);
  return ids;
}

/** The gradients of <f(), dys> with respect to xs, all else held fixed. A dy of null is zero. */
function pulledBack(f: () => tf.Tensor[], xs: tf.Tensor[], dys: Maybe[]): tf.Tensor[] {
  const product = () => {
    const parts = f().flatMap((y, i) => (dys[i] ? [y.mul(dys[i]!).sum()] : []));
    return parts.length > 0 ? tf.addN(parts) : tf.scalar(0);
  };
  const { grads } = engine().gradients(product, xs, null, true);
  return grads.map((dx, i) => dx ?? zeros(xs[i]));
}

/** A loop that has run forward: what it took, the carry before each iteration, and what its body reads beside. */
interface Past extends Given {
  loop: Loop;
  before: tf.Tensor[];
  reads: tf.Tensor[];
  /** Of each of xs: whether its gradient is wanted. */
  wanted: boolean[];
}

/**
 * The loop that runs backwards, and what it is given: the gradients `dLast` of the last carry and `dYs` of ys. Its
 * carry are the gradient of the carry and the sums of the gradients of reads; its y are the gradients of xs.
 */
function backwards({ loop, carry, xs, before, reads, wanted }: Past, dLast: Maybe[], dYs: Maybe[]) {
  const known = dYs.filter((dy): dy is tf.Tensor => dy !== null);
  const floats = carry.filter(isFloat);
  const body: Loop['body'] = (i, sums, entries) => {
    const [x, c, dy] = split(entries, xs, before, known);
    const [dNext, dReads] = split(sums, floats, reads);
    const forward = () => {
      const made = loop.body(i, c, x);
      return [...made.carry, ...made.y];
    };
    const dys = [...carry.map(t => (isFloat(t) ? dNext.shift()! : null)), ...dYs.map(d => (d ? dy.shift()! : null))];
    const inputs = [c.filter(isFloat), x.filter((_, j) => wanted[j]), reads];
    const [dCarry, dX, more] = split(pulledBack(forward, inputs.flat(), dys), ...inputs);
    return { carry: [...dCarry, ...dReads.map((sum, j) => sum.add(more[j]))], y: dX };
  };
  const start = carry.flatMap((c, j) => (isFloat(c) ? [dLast[j] ?? zeros(c)] : []));
  return {
    loop: { ...loop, reverse: !loop.reverse, body },
    given: { carry: [...start, ...reads.map(zeros)], xs: [...xs, ...before, ...known] },
  };
}

/**
 * The loop as one function on the tape, or in pieces where it would store too much. `iterate` runs the pieces, and the
 * loop that goes backwards.
 */
export function differentiableLoop(
  given: Loop,
  { carry, xs }: Given,
  iterate: (loop: Loop, given: Given) => Looped,
): Looped {
  const bytes = storedBytes(given, { carry, xs });
  if (bytes > mostBytes) {
    if (given.count > 3) return inPieces(given, { carry, xs }, iterate);
    const stored = `${(bytes / 1e9).toPrecision(3)} GB but may store ${mostBytes / 1e9} GB`;
    refuseGradient(`the carries of ${given.count} iterations of ${given.name} hold ${stored}`);
  }
  const body: Loop['body'] = (i, carry, x) => {
    const made = given.body(i, carry, x);
    return { carry: made.carry, y: [...made.y, ...carry] };
  };
  const loop = { ...given, body };
  const { carry: last, ys: all, reads } = recordLoop(loop, { carry, xs });
  const [ys, before] = [all.slice(0, all.length - carry.length), all.slice(all.length - carry.length)];
  const outputs = [...last, ...all];
  if (!outputs.some(isFloat)) return { carry: last, ys };

  const inputs = [...carry, ...xs, ...reads];
  const saved = engine().saveTensorsForBackwardMode([...before, ...xs, ...reads]);
  const [keptBefore, keptXs] = split(saved, before, xs);
  const gradient = (dys: Maybe[]): Gradients => {
    const ids = dependent(engine().state.activeTape);
    const wanted = inputs.map((t, i) => isFloat(t) && (i < carry.length || ids.has(t.id)));
    const [, wantedXs, wantedReads] = split(wanted, carry, xs, reads);
    const [dLast, dYs] = split(
      dys.map((dy, i) => (isFloat(outputs[i]) ? dy : null)),
      last,
      all,
    );
    const summed = reads.filter((_, i) => wantedReads[i]);
    const past = { loop, carry, xs: keptXs, before: keptBefore, reads: summed, wanted: wantedXs };
    const back = backwards(past, dLast, dYs);
    const { carry: sums, ys: dXs } = lent(reads, () => iterate(back.loop, back.given));
    const [dCarry, dReads] = split(sums, carry.filter(isFloat), summed);
    const gradients = [...dCarry, ...dXs, ...dReads];
    return Object.fromEntries(
      inputs.map((t, i) => {
        const dx = wanted[i] ? gradients.shift() : undefined;
        return [i, () => dx ?? zeros(t)];
      }),
    );
  };
  const { state } = engine();
  const floats = Object.entries(inputs).filter(([, t]) => isFloat(t));
  const node = { inputs: Object.fromEntries(floats), outputs, saved, gradient };
  state.activeTape!.push({ id: state.nextTapeNodeId++, kernelName: given.name, ...node });
  return { carry: last, ys };
}
