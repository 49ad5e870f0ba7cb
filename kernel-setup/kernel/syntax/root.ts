/** Where the project lies. */
import path from 'node:path';

export const root = path.join(__dirname, '..', '..', '..');
export const kernelSetup = path.join(root, 'kernel-setup') + path.sep;
export const library = path.join(root, 'src') + path.sep;
