export { tf } from './autodiff/tf';
export { type NdArray, fromTensor, ndarray, scaled, tensor } from './base/ndarray';
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
export {
  type CategoryOptions,
  type Drawable,
  type Figure,
  type FigureOptions,
  type HeatmapOptions,
  type LinesOptions,
  type PanelsOptions,
  type PlotlyObject,
  type RaysOptions,
  type Theory,
  animation,
  bars,
  figure,
  heatmap,
  lines,
  palette,
  panels,
  rays,
  scatter,
  violins,
} from './plot/plot';
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
