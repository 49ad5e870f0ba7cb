/**
 * Discrete Fourier transforms of 2^k entries, by the addon (kernel-setup/addon/fourier.cc): XLA takes 2 to 6 times as
 * long on one thread, and uses no more.
 */
import { size } from '../../base/ndarray';
import { DT } from '../native';
import type { Constants, Operation } from '../operation';
import { piecesOf, type CustomCall } from './custom-call';

/**
 * The complex numbers of a transform, of half as many as a real series has: at least four times four, at most so many
 * that the roots of unity, which are kept, take no more than 27 MB.
 */
const [leastLength, mostLength] = [16, 2 ** 20];
/** The entries in one piece, times the passes over them. */
const pieceWork = 2e5;

const kinds: Readonly<Record<string, { real: boolean; inverse: boolean }>> = {
  FFT: { real: false, inverse: false },
  IFFT: { real: false, inverse: true },
  RFFT: { real: true, inverse: false },
  IRFFT: { real: true, inverse: true },
};

/** The call that computes a transform; undefined for another operation, or another number of entries. */
export function fourierCall(operation: Operation, constants: Constants): CustomCall | undefined {
  const { type, attributes, inputs, shapes, outputs } = operation;
  const kind = kinds[type];
  const result = outputs[0].shape;
  if (!kind || result === undefined) return undefined;
  const { real, inverse } = kind;
  const [x] = shapes;
  const [series, frequencies] = (inverse ? [result, x] : [x, result]).map(shape => shape[shape.length - 1]);
  const n = real ? series / 2 : series;
  const isWhole = !real || (frequencies === n + 1 && constants.get(inputs[1] as number)?.[0] === series);
  if (!isWhole || !Number.isInteger(Math.log2(n)) || n < leastLength || n > mostLength) return undefined;
  const rows = size(x) / x[x.length - 1];
  if (rows === 0) return undefined;
  const complex = attributes.find(({ name }) => name === 'Tcomplex')!.value as number;
  const float = complex === DT.complex128 ? DT.double : DT.float;
  return {
    target: 'fourier',
    config: { real, inverse, n, rows, pieces: piecesOf(rows * n * Math.log2(n), pieceWork, rows) },
    dtype: real && !inverse ? float : complex,
    resultType: real && inverse ? float : complex,
    inputs: [inputs[0] as number],
    shapes: [x],
    results: [result],
  };
}
