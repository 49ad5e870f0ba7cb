/** A call of one of the addon's functions from a program compiled by XLA. */
import { AT, DT, type Attribute } from './native';

export type Shape = readonly number[];

export interface CustomCall {
  /** The function is widenet_<target>; a direct one has _f32 or _f64 after it. */
  target: string;
  config?: Readonly<Record<string, number | boolean>>;
  /** Whether XLA calls the function with bare memory and, instead of names, its configuration as 64-bit numbers in order. */
  direct?: boolean;
  /** DT.float or DT.double, of all arguments and results. */
  dtype: number;
  /** Ids of the arguments, and their shapes. */
  inputs: readonly number[];
  shapes: readonly Shape[];
  results: readonly Shape[];
  /** Whether the operation it stands for has one more result, which is empty. */
  empty?: boolean;
  /** The argument whose memory the result takes. */
  inPlace?: number;
}

/** The types a call can have, in StableHLO. */
export const callTypes: Readonly<Record<number, string>> = { [DT.float]: 'f32', [DT.double]: 'f64' };

/** The operation that makes the call, with the call's arguments as its only, listed input. */
export function callOperation({ target, config = {}, direct, dtype, shapes, results, empty, inPlace }: CustomCall): { type: string; attributes: Attribute[] } {
  const tensor = (shape: Shape) => `tensor<${[...shape, callTypes[dtype]].join('x')}>`;
  const tensors = (shapes: readonly Shape[]) => shapes.map(tensor).join(', ');
  const layouts = (shapes: readonly Shape[]) => shapes.map(({ length }) => `dense<[${Array.from({ length }, (_, i) => length - 1 - i)}]> : tensor<${length}xindex>`).join(', ');
  const all = empty ? [...results, [0]] : results;
  const several = results.length > 1;
  const alias = inPlace === undefined ? '' : `output_operand_aliases = [#stablehlo.output_operand_alias<output_tuple_indices = [], operand_index = ${inPlace}, operand_tuple_indices = []>],`;
  const bytes = Buffer.from(BigInt64Array.from(Object.values(config), value => BigInt(value)).buffer);
  const settings = direct ? `api_version = 3 : i32, backend_config = "${bytes.toString('hex').replace(/../g, '\\$&')}"`
    : `api_version = 4 : i32, backend_config = {${Object.entries(config).map(([name, value]) => `${name} = ${typeof value === 'number' ? `${value} : i64` : value}`).join(', ')}}`;
  const module = `module @call {
  func.func public @main(${shapes.map((shape, i) => `%a${i}: ${tensor(shape)}`).join(', ')}) -> (${tensors(all)}) {
    ${several ? `%r:${results.length}` : '%r'} = stablehlo.custom_call @widenet_${target}${direct ? `_${callTypes[dtype]}` : ''}(${shapes.map((_, i) => `%a${i}`).join(', ')}) {
      ${settings}, ${alias}
      operand_layouts = [${layouts(shapes)}], result_layouts = [${layouts(results)}]
    } : (${tensors(shapes)}) -> (${tensors(results)})
    ${empty ? `%e = stablehlo.constant dense<> : ${tensor([0])}` : ''}
    return ${[...results.map((_, i) => several ? `%r#${i}` : '%r'), ...empty ? ['%e'] : []].join(', ')} : ${tensors(all)}
  }
}`;
  return {
    type: 'XlaCallModule',
    attributes: [
      { name: 'version', type: AT.int, value: 9 }, { name: 'module', type: AT.string, value: module }, { name: 'platforms', type: AT.string, value: ['CPU'] },
      { name: 'Sout', type: AT.shape, value: all }, { name: 'Tout', type: AT.type, value: all.map(() => dtype) },
    ],
  };
}
