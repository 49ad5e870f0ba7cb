/**
 * Matrix products in loops compiled by XLA that are calls into OpenBLAS, on XLA's own threads: those where XLA's routine takes longer.
 * Measured on two cores: in float64 it takes 1.4 to 1.7 times as long, on one thread and on two; in float32 up to 1.2 times on two
 * threads for large, full products, and less for all others, which it fuses with what is around them.
 */
import os from 'node:os';
import { AT, DT, type Attribute } from './native';

/** The multiplications and the shortest side from which a product is OpenBLAS's, by type; and the multiplications of one piece. */
const least: Readonly<Record<number, { work: number; side: number }>> = { [DT.float]: { work: 8e6, side: 64 }, [DT.double]: { work: 3e4, side: 4 } };
const pieceWork = 2e6;

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/**
 * The operation that stands for a matrix product [..., m, k] x [..., k, n] in a program compiled by XLA, with the two factors as its
 * only, listed input; undefined when XLA computes the product itself. The number of pieces depends on shapes and machine alone.
 */
export function productCall(type: string, attributes: readonly Attribute[], shapes: readonly (readonly number[])[]): { type: string; attributes: Attribute[] } | undefined {
  if (type !== 'MatMul' && type !== 'BatchMatMulV2') return undefined;
  const value = (...names: string[]) => attributes.find(({ name }) => names.includes(name))?.value;
  const dtype = value('T') as number;
  if (!(dtype in least)) return undefined;
  const [ta, tb] = [value('transpose_a', 'adj_x') === true, value('transpose_b', 'adj_y') === true];
  const [a, b] = shapes;
  const batch = a.slice(0, -2);
  if (a.length < 2 || a.length !== b.length || batch.some((n, axis) => n !== b[axis])) return undefined;
  const [m, k] = ta ? [a[a.length - 1], a[a.length - 2]] : a.slice(-2);
  const n = b[b.length - (tb ? 2 : 1)];
  const work = m * n * k;
  if (size(batch) === 0 || Math.min(m, n, k) < least[dtype].side || work < least[dtype].work) return undefined;

  const pieces = Math.max(1, Math.min(os.availableParallelism(), Math.floor(work / pieceWork)));
  const result = [...batch, m, n];
  const tensor = (shape: readonly number[]) => `tensor<${shape.join('x')}x${dtype === DT.double ? 'f64' : 'f32'}>`;
  const layout = `dense<[${result.map((_, i) => result.length - 1 - i)}]> : tensor<${result.length}xindex>`;
  const module = `module @product {
  func.func public @main(%a: ${tensor(a)}, %b: ${tensor(b)}) -> ${tensor(result)} {
    %c = stablehlo.custom_call @widenet_product(%a, %b) {
      api_version = 4 : i32, backend_config = {ta = ${ta}, tb = ${tb}, pieces = ${pieces} : i64},
      operand_layouts = [${layout}, ${layout}], result_layouts = [${layout}]
    } : (${tensor(a)}, ${tensor(b)}) -> ${tensor(result)}
    return %c : ${tensor(result)}
  }
}`;
  return {
    type: 'XlaCallModule',
    attributes: [
      { name: 'version', type: AT.int, value: 9 }, { name: 'module', type: AT.string, value: module }, { name: 'platforms', type: AT.string, value: ['CPU'] },
      { name: 'Sout', type: AT.shape, value: [result] }, { name: 'Tout', type: AT.type, value: [dtype] },
    ],
  };
}
