export { tf } from './autodiff/tf';
export { type NdArray, ndarray, scaled } from './base/ndarray';
export { fromTensor, tensor } from './base/tensors';
export * as linalg from './math/linalg';
export * as random from './base/random';
export { seeds } from './base/random';
export { gaussian, paired, signs, sphere } from './math/data';
export { eigenvalues } from './math/eigen';
export { evaluate } from './math/evaluate';
export { type Line, type Rate, fitLine, fitRate } from './math/fit';
export { arcCosine, gram, randomFeatures } from './math/kernels';
export { last, mean, median, sum } from './math/statistics';
export { type Row, type RunLike, type Series, column, columns } from './base/rows';
export { claim, verdicts } from './notebook/claims';
export type { Claim, ClaimInput, Expectation, Verdict } from './notebook/verdict';
export { params } from './notebook/params';
export { besideParent } from './plot/beside-parent';
export { type SweepOptions, type SweepRow, sweep } from './train/sweep';
export { type Table, dataFrame, table } from './notebook/table';
export { animation } from './plot/animation';
export { bars, type CategoryOptions, violins } from './plot/bars';
export { type Figure, type PlotlyObject, figure } from './plot/figure';
export type { Drawable } from './plot/groups';
export { type HeatmapOptions, heatmap } from './plot/heatmap';
export { type LinesOptions, lines, scatter } from './plot/lines';
export { type PanelsOptions, panels } from './plot/panels';
export { type RaysOptions, rays } from './plot/rays';
export { palette } from './plot/colors';
export type { FigureOptions } from './plot/options';
export type { Theory } from './plot/theory';
export { logLogistic, logLogisticRisk } from './math/losses';
export { circleGrid, halfChiSquared, ultraFastDiffusion } from './math/diffusion';
export { type Box, box, fokkerPlanck, gibbs, onBox, outflow, relativeEntropy } from './math/finite-volume';
export { relaxationRate } from './math/relaxation';
export { energyMmd } from './math/metrics';
export {
  type Draw,
  type Mode,
  type Recorded,
  type Run,
  type Status,
  type Step,
  type Tensors,
  type TrainOptions,
  type TrainRow,
  train,
} from './train/train';
export { type Compiled, compile } from './compile/compile';
export { Interrupted } from './base/interrupt';
export { show } from './notebook/show';
export { type Progress, progress } from './notebook/progress';
export type { MimeBundle } from './notebook/display';
