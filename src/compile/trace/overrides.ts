/** While a trace lasts, methods of TensorFlow.js's backend and engine do something else. */
import { tf } from '../../autodiff/tf';
import { size } from '../../base/ndarray';
import { backend, isWritten, noteRead, recordOperation, type Backend, type Recording, type Tracing } from './recording';

interface Engine {
  readSync(dataId: object): ArrayLike<number>;
  read(dataId: object): Promise<ArrayLike<number>>;
  runKernel(name: string, ...rest: unknown[]): unknown;
  runKernelFunc(custom: { inputs: Record<string, tf.Tensor> }): unknown;
  disposeTensor(tensor: tf.Tensor): void;
}
const engine = () => tf.engine() as unknown as Engine;

const readByUser =
  'the step reads values of a tensor (dataSync, arraySync, data, array, print, or a branch on a value); ' +
  "a compiled step has none: use tf.where, or mode: 'eager'";

const listOfTensors =
  'an operation is given a list of tensors where it takes one tensor; a list of numbers in state or data is a tensor ' +
  'for each number: give ndarray(numbers, shape), or a Float32Array, in its place, or tf.stack the list';

/** The method that an override stands before. */
const original = <T extends object>(target: T) => Object.getPrototypeOf(target) as T;

/** The values of a constant that the step itself made. */
const writtenValues = ({ recording }: Tracing, dataId: object) =>
  isWritten(recording, dataId) ? (backend().tensorMap.get(dataId)?.values ?? undefined) : undefined;

/** The kernel of TensorFlow.js that runs now; the innermost one, as kernels call others. */
interface RunningKernel {
  name: string;
}

/** Kernels end in the `execute...` methods, which record. A kernel that reads values finds those of constants only. */
function backendMethods(tracing: Tracing, running: RunningKernel): Partial<Backend> {
  const target = backend();
  const read = (dataId: object): ArrayLike<number> => {
    const values = writtenValues(tracing, dataId);
    if (values) return values;
    if (running.name === 'GatherV2') return []; // It reads its indices only to check them; index-checks.ts does that.
    return tracing.recording.refusals.refuse(`${running.name} reads values, which a compiled step does not have`);
  };
  return {
    tracing,
    executeSingleOutput: (type, attributes, inputs) => recordOperation(tracing.recording, type, attributes, inputs)[0],
    executeMultipleOutputs: (type, attributes, inputs) => recordOperation(tracing.recording, type, attributes, inputs),
    readSync: read,
    read: async dataId => read(dataId),
    write(values, shape, dtype) {
      // Of tensors in a list TensorFlow.js makes values that do not fit the list's shape.
      if ((values as ArrayLike<number> | null)?.length !== size(shape))
        tracing.recording.refusals.refuse(listOfTensors);
      const dataId = original(target).write.call(target, values, shape, dtype);
      tracing.recording.written.add(dataId);
      return dataId;
    },
  };
}

/** The engine stands above the kernels: what reads here is the step itself. */
function engineMethods(tracing: Tracing, running: RunningKernel): Engine {
  const target = engine();
  const { refusals } = tracing.recording;
  return {
    readSync: dataId => writtenValues(tracing, dataId) ?? refusals.refuse(readByUser),
    read() {
      refusals.note(readByUser);
      return new Promise(() => undefined); // It never settles: the step is refused when the trace ends.
    },
    disposeTensor(tensor) {
      if (tensor instanceof tf.Variable)
        refusals.refuse(
          `the step assigns to or disposes the variable ${tensor.name}; return the new value in the state instead`,
        );
      original(target).disposeTensor.call(target, tensor);
    },
    runKernel(name, ...rest) {
      const outer = running.name;
      running.name = name;
      try {
        return original(target).runKernel.call(target, name, ...rest);
      } finally {
        running.name = outer;
      }
    },
    runKernelFunc(custom) {
      for (const tensor of Object.values(custom.inputs)) if (tensor) noteRead(tracing.recording, tensor);
      return original(target).runKernelFunc.call(target, custom);
    },
  };
}

/** Runs `f` with every operation of TensorFlow.js recorded instead of computed. */
export function withOverrides(recording: Recording, f: () => void): void {
  const tracing = { recording };
  const running = { name: '' };
  const overrides: [object, object][] = [
    [backend(), backendMethods(tracing, running)],
    [engine(), engineMethods(tracing, running)],
  ];
  try {
    for (const [target, methods] of overrides) Object.assign(target, methods);
    f();
  } finally {
    for (const [target, methods] of overrides)
      for (const name of Object.keys(methods)) delete (target as Record<string, unknown>)[name];
  }
}
