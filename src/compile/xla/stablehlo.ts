/** Modules of StableHLO inside a graph: what the graph's own operations cannot say. */
import { AT, DT, type Attribute } from '../native';

export type Shape = readonly number[];
export interface Typed {
  shape: Shape;
  dtype: number;
}
export interface ModuleOperation {
  type: string;
  attributes: Attribute[];
}

const elements: Readonly<Record<number, string>> = {
  [DT.float]: 'f32',
  [DT.double]: 'f64',
  [DT.int32]: 'i32',
  [DT.bool]: 'i1',
};
const tensor = ({ shape, dtype }: Typed) => `tensor<${[...shape, elements[dtype]].join('x')}>`;
const tensors = (list: readonly Typed[]) => list.map(tensor).join(', ');

/**
 * The operation that makes one call, with the call's arguments as its only, listed input. `settings` are the call's attributes.
 * With `empty`, there is one result more, of that type and without entries.
 */
export function callModule(
  target: string,
  settings: string,
  given: readonly Typed[],
  results: readonly Typed[],
  empty?: Typed,
): ModuleOperation {
  const several = results.length > 1,
    all = empty ? [...results, empty] : results;
  const module = `module @call {
  func.func public @main(${given.map((type, i) => `%a${i}: ${tensor(type)}`).join(', ')}) -> (${tensors(all)}) {
    ${several ? `%r:${results.length}` : '%r'} = stablehlo.custom_call @${target}(${given.map((_, i) => `%a${i}`).join(', ')}) {
      ${settings}
    } : (${tensors(given)}) -> (${tensors(results)})
    ${empty ? `%e = stablehlo.constant dense<> : ${tensor(empty)}` : ''}
    return ${[...results.map((_, i) => (several ? `%r#${i}` : '%r')), ...(empty ? ['%e'] : [])].join(', ')} : ${tensors(all)}
  }
}`;
  return {
    type: 'XlaCallModule',
    attributes: [
      { name: 'version', type: AT.int, value: 9 },
      { name: 'module', type: AT.string, value: module },
      { name: 'platforms', type: AT.string, value: ['CPU'] },
      { name: 'Sout', type: AT.shape, value: all.map(({ shape }) => shape) },
      { name: 'Tout', type: AT.type, value: all.map(({ dtype }) => dtype) },
    ],
  };
}
