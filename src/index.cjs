// What `require('widenet')` loads, in any process: index.ts, by the hook that loads TypeScript. No build is needed.
'use strict';
require('../kernel-setup/typescript-hook.cjs');
require('../kernel-setup/plain-tslab.ts');

// After an edit of the library, index.ts may have been loaded anew.
Object.defineProperty(module, 'exports', { get: () => require('./index.ts') });
