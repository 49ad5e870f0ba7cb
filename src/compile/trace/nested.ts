/** Loops inside a traced function: the body is traced once, as a function of its own. */
import { constant } from '../../autodiff/differentiable';
import { engine } from '../../autodiff/tape-engine';
import type { tf } from '../../autodiff/tf';
import type { Output, TypedShape } from '../native';
import type { Trace } from '../operation';
import type { Given, Loop, Looped } from '../loops/loop';
import { counter } from '../while';
import { digestOf } from './first-trace';
import {
  argument,
  backend,
  closeBody,
  newRecording,
  noteRead,
  outputOf,
  tensorOf,
  type Around,
  type Recording,
} from './recording';

interface Body {
  trace: Trace;
  results: TypedShape[];
  around: Around;
}

/** Traces `f`, a function of tensors of these types that a loop of `outer` calls. */
function traceBody(
  name: string,
  outer: Recording,
  types: readonly TypedShape[],
  f: (given: tf.Tensor[]) => tf.Tensor[],
): Body {
  const tracing = backend().tracing!;
  const around: Around = { recording: outer, begin: engine().nextTensorId(), reads: new Map(), captured: [] };
  const inner = newRecording(outer.float, outer.refusals, outer.writer.nested(), around);
  tracing.recording = inner;
  try {
    const given = types.map((type, i) => argument(inner, `argument ${i}`, type));
    // What the body computes is not on the tape: the loop is, as a whole.
    const returned = constant(() => f(given.map(({ tensor }) => tensor)));
    for (const tensor of returned) noteRead(inner, tensor);
    const results = returned.map(tensor => outputOf(inner, tensor));
    const inputs = [...given.map(({ id }) => id), ...around.captured.map(({ to }) => to.id)];
    const trace = inner.writer.finish(
      inputs,
      results.map(({ id }) => id),
      inner.constants,
    );
    return { trace, results: results.map(typed), around };
  } finally {
    tracing.recording = outer;
    closeBody(inner, name);
  }
}

const typed = ({ shape, dtype }: Output): TypedShape => ({ shape: shape!, dtype });

/** Records a loop in the function that is traced now. */
export function recordLoop(
  { name, count, conditional, reverse, body }: Loop,
  { carry, xs }: Given,
): Looped & { reads: tf.Tensor[] } {
  const { recording } = backend().tracing!;
  for (const tensor of [...carry, ...xs]) noteRead(recording, tensor);
  const [c, stacked] = [carry, xs].map(list => list.map(tensor => outputOf(recording, tensor)));
  const x = stacked.map(({ shape, dtype }) => ({ shape: shape!.slice(1), dtype }));
  const { trace, results, around } = traceBody(name, recording, [counter, ...c.map(typed), ...x], ([i, ...given]) => {
    const next = body(i as tf.Scalar, given.slice(0, c.length), given.slice(c.length));
    return [...next.carry, ...next.y];
  });
  const reads = [...around.reads.values()];
  const y = results.slice(c.length);
  const captured = around.captured.map(({ from }) => from);
  const inputs = [...c, ...stacked, ...captured].map(({ id }) => id);
  const types = { carry: c.map(typed), x, y, captured: captured.map(typed) };
  const loop = { name, count, conditional, reverse, ...types, body: trace };
  const outputs = recording.writer.add({
    type: 'loop',
    inputs: [inputs],
    attributes: [],
    shapes: [...carry, ...xs].map(({ shape }) => shape),
    text: digestOf([inputs, name, count, conditional, reverse, types, trace.digest]),
    loop,
  });
  const tensors = outputs.map(output => tensorOf(recording, output, output.shape!));
  return { carry: tensors.slice(0, c.length), ys: tensors.slice(c.length), reads };
}
