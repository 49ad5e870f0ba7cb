/** A call of one of the addon's functions from a program compiled by XLA. */
import { callModule, type ModuleOperation, type Shape } from './stablehlo';
import { DT } from '../native';

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
export function callOperation({
  target,
  config = {},
  direct,
  dtype,
  shapes,
  results,
  empty,
  inPlace,
}: CustomCall): ModuleOperation {
  const typed = (shape: Shape) => ({ shape, dtype });
  const layouts = (shapes: readonly Shape[]) =>
    shapes
      .map(({ length }) => `dense<[${Array.from({ length }, (_, i) => length - 1 - i)}]> : tensor<${length}xindex>`)
      .join(', ');
  const alias =
    inPlace === undefined
      ? ''
      : `output_operand_aliases = [#stablehlo.output_operand_alias<output_tuple_indices = [], operand_index = ${inPlace}, operand_tuple_indices = []>],`;
  const bytes = Buffer.from(BigInt64Array.from(Object.values(config), value => BigInt(value)).buffer);
  const settings = direct
    ? `api_version = 3 : i32, backend_config = "${bytes.toString('hex').replace(/../g, '\\$&')}"`
    : `api_version = 4 : i32, backend_config = {${Object.entries(config)
        .map(([name, value]) => `${name} = ${typeof value === 'number' ? `${value} : i64` : value}`)
        .join(', ')}}`;
  return callModule(
    `widenet_${target}${direct ? `_${callTypes[dtype]}` : ''}`,
    `${settings}, ${alias} operand_layouts = [${layouts(shapes)}], result_layouts = [${layouts(results)}]`,
    shapes.map(typed),
    results.map(typed),
    empty ? typed([0]) : undefined,
  );
}
