export { tf } from './tf';
export { type NdArray, fromTensor, ndarray, tensor } from './ndarray';
export * as random from './random';
export { seeds } from './random';
