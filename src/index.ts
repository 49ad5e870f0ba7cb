export { tf } from './tf';
export { type NdArray, fromTensor, ndarray, tensor } from './ndarray';
export * as linalg from './linalg';
export * as random from './random';
export { seeds } from './random';
export { gaussian, paired, signs, sphere } from './data';
export { eigenvalues } from './eigen';
export { type Line, type Rate, fitLine, fitRate } from './fit';
export { arcCosine, gram, randomFeatures } from './kernels';
