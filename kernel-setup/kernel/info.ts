/** What the kernel says of itself. */
import { protocolVersion } from './protocol/wire';

const versionOf = (name: string) => (require(`${name}/package.json`) as { version: string }).version;

/** kernel_info_reply. */
export function kernelInfo() {
  const tslab = versionOf('tslab');
  const typescript = versionOf('typescript-7');
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
