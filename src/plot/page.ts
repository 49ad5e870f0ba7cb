/**
 * A figure as HTML that draws itself, for pages whose frontend has no renderer: exported notebooks, books, dashboards.
 * It needs no network: plotly.js comes with the notebook's first figure, and serves all others of the page.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { processState, processValue } from '../base/process-state';
import { escapeHtml } from '../notebook/html';
import { repository } from '../notebook/runner';
import type { Execution } from '../notebook/session';

/**
 * The HTML of what is displayed. Until the script has drawn the figure, and where no script runs (a notebook that is
 * not trusted, GitHub), it shows the picture, a PNG in base64, or without one the text.
 */
export function inPage(drawn: object, text: string, picture: string | undefined): string {
  const json = JSON.stringify(drawn);
  const id = createHash('sha256').update(json).digest('hex').slice(0, 16);
  const still = picture
    ? `<img alt="${escapeHtml(text)}" src="data:image/png;base64,${picture}" style="max-width:100%">`
    : `<pre>${escapeHtml(text)}\n${withoutScript}</pre>`;
  const library = carriesLibrary() ? `, ${JSON.stringify(packedPlotly())}` : '';
  return (
    `<div data-widenet-figure="${id}">${still}</div>\n` +
    `<script>\n(() => {\n${drawer()}\ndrawInPage('${id}', ${json.replaceAll('<', '\\u003c')}${library});\n})();\n</script>`
  );
}

const withoutScript = 'Drawn where scripts run: trust this notebook, or export it to HTML.';

/**
 * Whether plotly.js comes with this figure: with the notebook's first one, and again when the cell of that one runs
 * again, whose output is then replaced.
 */
function carriesLibrary(): boolean {
  const execution = processValue<Execution>('execution');
  const carrier = processState<{ execution?: Execution; isKnown: boolean }>('carrier', () => ({ isKnown: false }));
  const isReplaced = execution?.id !== undefined && execution.id === carrier.execution?.id;
  if (carrier.isKnown && !(isReplaced && execution !== carrier.execution)) return false;
  Object.assign(carrier, { execution, isKnown: true });
  return true;
}

/** plotly.js, packed by gzip, in base64. */
const packedPlotly = () => gzipSync(readFileSync(require.resolve('plotly.js-dist'))).toString('base64');

/** What draws in the page. */
const drawer = (): string =>
  require(path.join(repository, 'kernel-setup', 'plotly-renderer', 'script.cjs')).scriptOf('drawing.mjs', 'page.mjs');
