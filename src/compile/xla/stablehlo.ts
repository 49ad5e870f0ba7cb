/**
 * Calls written in StableHLO, the language that XLA reads. TensorFlow's operation XlaCallModule holds a module of it as
 * text, by which a graph asks XLA for what no TensorFlow operation says, such as a call of the addon's functions.
 */
import { AT, DT, type Attribute, type TypedShape } from '../native';

export interface ModuleOperation {
  type: string;
  attributes: Attribute[];
}

/** The names of the types of entries in StableHLO. */
export const elementNames: Readonly<Record<number, string>> = {
  [DT.float]: 'f32',
  [DT.double]: 'f64',
  [DT.complex64]: 'complex<f32>',
  [DT.complex128]: 'complex<f64>',
  [DT.int32]: 'i32',
  [DT.bool]: 'i1',
};
const tensor = ({ shape, dtype }: TypedShape) => `tensor<${[...shape, elementNames[dtype]].join('x')}>`;
const tensors = (list: readonly TypedShape[]) => list.map(tensor).join(', ');

/**
 * The operation XlaCallModule whose module makes one custom call of `target`. All arguments of the call are its only
 * input, a list. `settings` are the call's attributes in StableHLO; `empty` is the type of one more, empty result.
 */
export function callModule(
  target: string,
  settings: string,
  given: readonly TypedShape[],
  results: readonly TypedShape[],
  empty?: TypedShape,
): ModuleOperation {
  const all = empty ? [...results, empty] : results;
  const several = results.length > 1;
  const names = given.map((_, i) => `%a${i}`);
  const values = [...results.map((_, i) => (several ? `%r#${i}` : '%r')), ...(empty ? ['%e'] : [])];
  const module = `module @call {
  func.func public @main(${given.map((type, i) => `${names[i]}: ${tensor(type)}`).join(', ')}) -> (${tensors(all)}) {
    ${several ? `%r:${results.length}` : '%r'} = stablehlo.custom_call @${target}(${names.join(', ')}) {
      ${settings}
    } : (${tensors(given)}) -> (${tensors(results)})
    ${empty ? `%e = stablehlo.constant dense<> : ${tensor(empty)}` : ''}
    return ${values.join(', ')} : ${tensors(all)}
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
