import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { latexTable, latexText } from '../../src/notebook/latex';
import { table } from '../../src/notebook/table';
import { root } from '../support/root';

test('signs become commands, and what LaTeX would read as one becomes a character', () => {
  expect(latexText('λ ≥ √n')).toBe('\\ensuremath{\\lambda} \\ensuremath{\\geq} \\ensuremath{\\surd}n');
  expect(latexText('ΩΔε₀²')).toBe(
    ['\\Omega', '\\Delta', '\\varepsilon', '_0', '^2'].map(command => `\\ensuremath{${command}}`).join(''),
  );
  expect(latexText('5 % of $a_b$ & {c}#\\~^<>')).toBe(
    '5 \\% of \\$a\\_b\\$ \\& \\{c\\}\\#\\textbackslash{}\\textasciitilde{}\\textasciicircum{}\\textless{}\\textgreater{}',
  );
});

test('a short table has plain columns, one wider than a page shares its width', () => {
  expect(latexTable(['m', 'λ'], [['64', '1 %']], 'γ')).toBe(
    [
      '{\\footnotesize\\begin{longtable}[l]{ll}',
      '\\multicolumn{2}{l}{\\textbf{\\ensuremath{\\gamma}}} \\\\',
      '\\toprule',
      'm & \\ensuremath{\\lambda} \\\\',
      '\\midrule',
      '64 & 1 \\% \\\\',
      '\\bottomrule',
      '\\end{longtable}}',
    ].join('\n'),
  );
  const wide = latexTable(['verdict', 'claim'], [['holds', 'long '.repeat(40)]]);
  const parts = [...wide.matchAll(/p\{([\d.]+)\\linewidth\}/g)].map(([, part]) => Number(part));
  expect(parts).toHaveLength(2);
  expect(parts[0] + parts[1]).toBeLessThan(1 - 2 * 0.02);
  expect(parts[1]).toBeGreaterThan(2 * parts[0]);
});

test('every sign in a table of the notebooks is known', () => {
  const folder = path.join(root, 'notebooks');
  const signs = new Set<string>();
  for (const file of readdirSync(folder).filter(name => name.endsWith('.ipynb')))
    for (const cell of JSON.parse(readFileSync(path.join(folder, file), 'utf8')).cells)
      for (const { data } of cell.outputs ?? [])
        if (data?.['text/html'])
          for (const sign of [data['text/plain']].flat().join('')) if (sign > '~') signs.add(sign);
  expect(signs.size).toBeGreaterThan(10);
  expect([...signs].filter(sign => latexText(sign) === sign)).toEqual([]);
});

test('a table offers it beside HTML', () => {
  const bundle = (table([{ λ: 1 }]) as any)[Symbol.for('Jupyter.display')]();
  expect(bundle['text/latex']).toContain('\\ensuremath{\\lambda} \\\\');
});
