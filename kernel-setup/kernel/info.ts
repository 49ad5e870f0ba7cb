/** What the kernel says of itself. */
import { createRequire } from 'node:module';
import { protocolVersion } from './wire';

const fromTslab = createRequire(require.resolve('tslab'));
const versionOf = (name: string) => (fromTslab(`${name}/package.json`) as { version: string }).version;

/** kernel_info_reply. */
export function kernelInfo() {
  const tslab = (require('tslab/package.json') as { version: string }).version;
  const typescript = versionOf('@tslab/typescript-for-tslab');
  return {
    status: 'ok',
    protocol_version: protocolVersion,
    implementation: 'tslab',
    implementation_version: tslab,
    banner: `TypeScript ${typescript} on Node.js ${process.versions.node}, tslab ${tslab}, widenet`,
    language_info: {
      name: 'typescript',
      version: typescript,
      mimetype: 'text/typescript',
      file_extension: '.ts',
      pygments_lexer: 'typescript',
      codemirror_mode: { mode: 'typescript', name: 'javascript', typescript: true },
      nbconvert_exporter: 'script',
    },
    help_links: [{ text: 'TypeScript handbook', url: 'https://www.typescriptlang.org/docs/handbook/intro.html' }],
    debugger: false,
  };
}
