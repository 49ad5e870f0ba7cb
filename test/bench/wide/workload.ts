/** A workload of the wide bench: a step, where it starts, and what it must agree on with its peers. */
import { random, scaled, type NdArray, type Step, type tf } from 'widenet';

export interface Workload {
  /** What peers know it by: a function in jax_*.py, and in torch_*.py where `torch` is set. */
  name: string;
  title: string;
  /** Python has the same tree of arrays, by the same names. */
  state: any;
  data: any;
  step: Step<any, any>;
  dtype?: 'float64';
  /** Whether PyTorch is timed too, or alone. */
  torch?: boolean | 'alone';
  /**
   * Of workloads with draws, which differ, or with gradients that single precision hardly has: what is compared in
   * place of the state, how close it must be, and after how many steps. Others agree when each array of the state has
   * moved alike in 3 steps.
   */
  drawn?: { mean: (state: any, data: any) => tf.Tensor; within: number; steps: number };
}

/** Normals of a stream of their own, times `scale`. */
export const normal = (stream: string, shape: readonly number[], scale = 1): NdArray =>
  scaled(random.normal(shape, { seed: 0, stream }), scale);
