/** The one import of TensorFlow.js. */
import './environment';
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-node';

export { tf };
export type { NodeJSKernelBackend as NativeBackend } from '@tensorflow/tfjs-node/dist/nodejs_kernel_backend';

interface OpDef {
  getInputArgList(): { getTypeAttr(): string; getNumberAttr(): string; getTypeListAttr(): string }[];
  getIsStateful(): boolean;
}

/** The protocol messages that TensorFlow.js ships without types. */
export const messages: { OpDef: { deserializeBinary(bytes: Uint8Array): OpDef } } = createRequire(__filename)(
  '@tensorflow/tfjs-node/dist/proto/api_pb',
);
