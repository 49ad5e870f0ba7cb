import path from 'node:path';

/** The folder of this repository. */
export const root = path.join(__dirname, '..', '..');
