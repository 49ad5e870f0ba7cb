/** A call of one of the addon's functions (kernel-setup/addon) from a program compiled by XLA. */
import os from 'node:os';
import type { Shape } from '../../base/check';
import { callModule, elementNames, type ModuleOperation } from './stablehlo';

export interface CustomCall {
  /** The addon registers its functions with XLA as widenet_<target>; direct ones with _f32 and _f64 after it. */
  target: string;
  config?: Readonly<Record<string, number | boolean>>;
  /**
   * Whether XLA passes the function bare memory, and its configuration as 64-bit numbers in order. That costs less for
   * each call than named, typed arguments; but XLA gives such a function no threads.
   */
  direct?: boolean;
  /** The type of all arguments, and of the results where these have no other. */
  dtype: number;
  resultType?: number;
  /** Ids of the arguments, and their shapes. */
  inputs: readonly number[];
  shapes: readonly Shape[];
  results: readonly Shape[];
  /** Whether the operation that the call replaces has one more result, which is empty. */
  empty?: boolean;
  /** The argument whose memory the result overwrites. */
  inPlace?: number;
}

/**
 * Into how many pieces of at least `piece` the work of a call is cut, for XLA's threads to share: at most `most`, and
 * one for each thread of the machine. The program's own threads do not count, so that their number changes no bit.
 */
export const piecesOf = (work: number, piece: number, most = Infinity) =>
  Math.max(1, Math.min(os.availableParallelism(), most, Math.floor(work / piece)));

/** Row-major layouts: StableHLO lists the axes from the one whose entries are next to each other in memory. */
const layouts = (shapes: readonly Shape[]) =>
  shapes
    .map(({ length }) => `dense<[${Array.from({ length }, (_, i) => length - 1 - i)}]> : tensor<${length}xindex>`)
    .join(', ');

const overwrites = (argument: number) =>
  'output_operand_aliases = [#stablehlo.output_operand_alias<' +
  `output_tuple_indices = [], operand_index = ${argument}, operand_tuple_indices = []>],`;

/** The configuration as StableHLO writes it; "api_version" says by which convention XLA calls the function. */
function configuration({ config = {}, direct }: CustomCall): string {
  if (direct) {
    const bytes = Buffer.from(BigInt64Array.from(Object.values(config), value => BigInt(value)).buffer);
    return `api_version = 3 : i32, backend_config = "${bytes.toString('hex').replace(/../g, '\\$&')}"`;
  }
  const entries = Object.entries(config).map(
    ([name, value]) => `${name} = ${typeof value === 'number' ? `${value} : i64` : value}`,
  );
  return `api_version = 4 : i32, backend_config = {${entries.join(', ')}}`;
}

/** The operation that makes the call. All arguments of the call are its only input, a list. */
export function callOperation(call: CustomCall): ModuleOperation {
  const { target, direct, dtype, resultType = dtype, shapes, results, empty, inPlace } = call;
  const typed = (dtype: number) => (shape: Shape) => ({ shape, dtype });
  const alias = inPlace === undefined ? '' : overwrites(inPlace);
  return callModule(
    `widenet_${target}${direct ? `_${elementNames[dtype]}` : ''}`,
    `${configuration(call)}, ${alias} operand_layouts = [${layouts(shapes)}], result_layouts = [${layouts(results)}]`,
    shapes.map(typed(dtype)),
    results.map(typed(resultType)),
    empty ? typed(dtype)([0]) : undefined,
  );
}
