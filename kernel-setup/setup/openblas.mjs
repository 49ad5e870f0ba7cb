/** OpenBLAS, which computes the large matrix products and the factorisations of compiled loops. */
import { filesOf } from './wheel.mjs';

/** @param {string} tag @param {string} sha256 @param {string} library @returns {import('./wheel.mjs').Wheel} */
const wheel = (tag, sha256, library) => ({
  name: 'OpenBLAS',
  folder: 'openblas',
  project: 'scipy-openblas32',
  version: '0.3.34.481.3',
  python: 'py3-none',
  tag,
  sha256,
  unpacked: 30e6,
  files: {
    ...filesOf([library], 'scipy_openblas32/lib', 'lib'),
    ...filesOf(
      ['cblas.h', 'lapack.h', 'lapacke.h', 'lapacke_mangling.h', 'openblas_config.h'],
      'scipy_openblas32/include',
      'include',
    ),
  },
});

/**
 * The wheel for each platform; only linux-x64 has been tested.
 * @type {Record<string, import('./wheel.mjs').Wheel>}
 */
export const wheels = {
  'linux-x64': wheel(
    'manylinux_2_27_x86_64.manylinux_2_28_x86_64',
    '0595f94cd58c1f8a0d90c975621f4587337a003916b1979e834ebdf2cb5d9504',
    'libscipy_openblas.so',
  ),
  'linux-arm64': wheel(
    'manylinux_2_27_aarch64.manylinux_2_28_aarch64',
    'e085dddbc5b9aa130f83def515d31c440e69f387a90c7e63b154a5575b4466bc',
    'libscipy_openblas.so',
  ),
  'darwin-arm64': wheel(
    'macosx_11_0_arm64',
    '813bb8101da2f64555c4a5e71c3714539d92b0b4f1841ec12b80d50e56cde46c',
    'libscipy_openblas.dylib',
  ),
};
