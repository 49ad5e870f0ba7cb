/** TensorFlow's C++ library, with the headers that tfjs-node's addon and our own include. */
import { filesOf } from './wheel.mjs';

export const version = '2.21.0';

export const headers = [
  ...['c_api', 'c_api_macros', 'tf_attrtype', 'tf_buffer', 'tf_datatype', 'tf_status', 'tf_tensor', 'tf_tstring'].map(
    name => `tensorflow/c/${name}.h`,
  ),
  'tensorflow/c/eager/c_api.h',
  'tensorflow/core/platform/ctstring.h',
  'tensorflow/core/platform/ctstring_internal.h',
  'tsl/platform/ctstring.h',
  'tsl/platform/ctstring_internal.h',
  'xla/ffi/api/api.h',
  'xla/ffi/api/c_api.h',
  'xla/ffi/api/ffi.h',
  'xla/tsl/c/tsl_status.h',
];

/**
 * @param {string} project @param {string} tag @param {string} sha256 @param {string[]} libraries
 * @param {number} [bytes] @returns {import('./wheel.mjs').Wheel}
 */
const wheel = (project, tag, sha256, libraries, bytes) => ({
  name: 'TensorFlow',
  folder: 'tensorflow',
  project,
  version,
  python: 'cp311-cp311',
  tag,
  sha256,
  bytes,
  unpacked: 860e6,
  files: { ...filesOf(libraries, 'tensorflow', 'lib'), ...filesOf(headers, 'tensorflow/include', 'include') },
});

const linux = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];

/**
 * The wheel for each platform; only linux-x64 has been tested.
 * @type {Record<string, import('./wheel.mjs').Wheel>}
 */
export const wheels = {
  'linux-x64': wheel(
    'tensorflow-cpu',
    'manylinux_2_27_x86_64',
    '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    linux,
    273829956,
  ),
  'linux-arm64': wheel(
    'tensorflow',
    'manylinux_2_27_aarch64',
    '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
    linux,
  ),
  'darwin-arm64': wheel(
    'tensorflow',
    'macosx_12_0_arm64',
    '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88',
    ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib'],
  ),
};

export const platform = `${process.platform}-${process.arch}`;
