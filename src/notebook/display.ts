/** What a value looks like in a notebook: its MIME bundle. Large values are summarised, never dumped. */
import { brief, display, htmlTable, textTable } from './html';
import { inspected } from './inspected';
import { latexTable } from './latex';
import { declared, findClasses, isFrame, type Frame } from './members';
import { summaryOf } from './summary';

/** Representations of one value by MIME type; `text/plain` is always among them. */
export type MimeBundle = Record<string, unknown>;

const shownRows = 60;
const shownColumns = 30;

/**
 * The MIME bundle of a value. In this order: what its own `[Symbol.for('Jupyter.display')]()` gives, which may be a
 * promise; danfojs DataFrames and Series as tables; tensors and NdArrays as type, shape, smallest, mean and largest
 * value and the first values; everything else as Node prints it, long strings and lists cut, tensors in short. No other
 * code of the value runs: no getter, and no trap of a Proxy, which is shown as what it stands for.
 */
export function bundleOf(value: unknown): MimeBundle | Promise<MimeBundle> {
  findClasses();
  const own = declared(value, display);
  const method = own && ('value' in own ? own.value : own.get?.call(value));
  if (typeof method === 'function') {
    const given = method.call(value);
    return typeof given?.then === 'function' ? given.then(completed) : completed(given);
  }
  if (isFrame(value)) return frame(value);
  return { 'text/plain': summaryOf(value) ?? inspected(value) };
}

function completed(bundle: MimeBundle): MimeBundle {
  return 'text/plain' in bundle ? bundle : { ...bundle, 'text/plain': `<${Object.keys(bundle).join(', ')}>` };
}

function frame({ $isSeries, $columns, $index, shape, values }: Frame): MimeBundle {
  const columns = $columns.slice(0, shownColumns).map(String);
  const rows = values.map((v, i) => [
    String($index[i]),
    ...($isSeries ? [v] : (v as unknown[])).slice(0, shownColumns).map(one => brief(one)),
  ]);
  const gap = ['...', ...columns.map(() => '...')];
  const body = rows.length <= shownRows ? rows : [...rows.slice(0, shownRows / 2), gap, ...rows.slice(-shownRows / 2)];
  const extent = $isSeries ? `${shape[0]} values` : `${shape[0]} rows x ${shape[1]} columns`;
  return {
    'text/html': htmlTable(['', ...columns], body, extent),
    'text/latex': latexTable(['', ...columns], body, extent),
    'text/plain': `${textTable(['', ...columns], body)}\n${extent}`,
  };
}
