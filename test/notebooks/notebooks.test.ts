import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { kernelspec } from '../../kernel-setup/kernel/kernelspec.mjs';
import { declared } from '../../kernel-setup/run/declared.mjs';
import { codeHash, findNotebooks, readNotebook, sourceOf, writeNotebook } from '../../kernel-setup/run/notebooks.mjs';
import { plotlyMime, storedClaims } from '../../src/notebook/stored-results';
import { root } from '../support/notebooks';

const papers = findNotebooks(root, []).map(({ name, file }) => ({ name, file, notebook: readNotebook(file) }));
const save = (name: string) => `make its outputs anew: npm run reproduce ${name} -- --save`;

test.each(papers)(
  '$name shows what its code gives: outputs of this code, in the quick profile',
  ({ name, notebook }) => {
    expect(notebook.metadata.widenet, save(name)).toMatchObject({ code: codeHash(root, notebook), profile: 'quick' });
  },
);

test.each(papers)(
  '$name is small, ran through, and shows its figures without a Plotly renderer',
  ({ name, file, notebook }) => {
    expect(statSync(file).size).toBeLessThan(1.8e6); // 18 figures, each with its picture, take 1.8 MB
    const outputs = notebook.cells.flatMap(cell => cell.outputs ?? []);
    expect(outputs.filter(o => o.output_type === 'error')).toEqual([]);
    const figures = outputs.filter(o => o.data?.[plotlyMime]);
    expect(figures.length, save(name)).toBeGreaterThan(0);
    expect(figures.filter(o => !o.data?.['image/png']).length, save(name)).toBe(0);
    const code = notebook.cells.filter(cell => cell.cell_type === 'code' && sourceOf(cell).trim());
    expect(
      code.map(cell => cell.execution_count),
      save(name),
    ).toEqual(code.map((_, i) => i + 1));
  },
);

test.each(papers)(
  '$name is a file of few lines: as nbformat writes it, whoever saves, with packed arrays',
  ({ name, file, notebook }) => {
    const again = path.join(mkdtempSync(path.join(tmpdir(), 'widenet-notebook-')), 'again.ipynb');
    writeNotebook(again, notebook);
    expect(readFileSync(file, 'utf8') === readFileSync(again, 'utf8'), save(name)).toBe(true);
    rmSync(path.dirname(again), { recursive: true });
    const spec = kernelspec(root);
    expect(notebook.metadata.kernelspec, save(name)).toEqual({
      name: 'tslab',
      display_name: spec.display_name,
      language: spec.language,
    });
    const outputs = notebook.cells.flatMap(cell => cell.outputs ?? []);
    const linesOf = (value: unknown) => JSON.stringify(value, null, 1).split('\n').length;
    const frames = outputs.flatMap(output => output.data?.[plotlyMime]?.frames ?? []);
    const still = JSON.parse(JSON.stringify(outputs, (key, value) => (key === 'frames' ? undefined : value)));
    expect(Math.max(...still.map(linesOf)), save(name)).toBeLessThan(2000);
    expect(Math.max(0, ...frames.map(linesOf)), save(name)).toBeLessThan(200);
    expect(outputs.filter(output => output.metadata?.widenet?.transient)).toEqual([]);
    const figures = outputs
      .flatMap(output => output.data?.[plotlyMime] ?? [])
      .map(({ data, frames }) => [data, frames]);
    expect(/\[(-?[\d.e+-]+|null)(,(-?[\d.e+-]+|null)){7}/.exec(JSON.stringify(figures))?.[0], save(name)).toBe(
      undefined,
    );
  },
);

test.each(papers)('$name shows nothing that differs from run to run: no times, dates or versions', ({ notebook }) => {
  const printed = notebook.cells
    .flatMap(cell => cell.outputs ?? [])
    .filter(o => o.output_type === 'stream')
    .map(o => [o.text].flat().join(''));
  expect(printed.filter(text => /\b\d+(\.\d+)? m?s\b|\bv\d+\.\d+\.\d+|\b20\d\d-\d\d/.test(text))).toEqual([]);
});

test.each(papers)('$name declares its parameters and ends in its verdicts', ({ name, notebook }) => {
  const { claims, settings } = storedClaims(notebook);
  expect(claims.length, save(name)).toBeGreaterThan(0);
  const quick = declared(notebook).parameters?.quick;
  expect(settings, save(name)).toEqual(quick);
  expect(quick).toMatchObject({ firstSeed: expect.any(Number), seedCount: expect.any(Number) });
});

test.each(papers)('$name says of each claim what would have failed it, and that does fail', ({ notebook }) => {
  const tested = storedClaims(notebook).claims.filter(({ verdict }) => verdict !== 'not tested');
  const claims = tested.filter(({ kind }) => kind === 'claim');
  expect(claims.length).toBeGreaterThan(0);
  expect(claims.filter(({ against }) => against.length === 0).map(({ id }) => id)).toEqual([]);
  const passing = tested.flatMap(({ id, against }) =>
    against.filter(({ verdict }) => verdict !== 'fails').map(({ name }) => `${id}: ${name}`),
  );
  expect(passing).toEqual([]);
});

test('a notebook for each paper, and the tour', () => {
  const names = ['barboni2025', 'chen2022', 'razborov2022', 'telgarsky2022', 'tour', 'zhang2022'];
  expect(papers.map(p => p.name)).toEqual(names);
});

test.each(papers)(
  '$name: titles of figures and panels begin with a capital letter or a symbol',
  ({ name, notebook }) => {
    const figures = notebook.cells.flatMap(cell => cell.outputs ?? []).flatMap(o => o.data?.[plotlyMime] ?? []);
    const titles = figures.flatMap(({ layout }) => [layout.title.text, ...panelTitles(layout)]);
    expect(
      titles.filter(title => /^\p{Ll}{2,}(?<!^tanh)\b/u.test(title)),
      save(name),
    ).toEqual([]);
  },
);

test.each(papers)('$name: a figure of one seed, or of one network, says which', ({ notebook }) => {
  const ofOne = /(?:title|caption): [`'].*\bone (?:seed|(?:trained )?network)\b/i;
  const drawn = notebook.cells.map(sourceOf).filter(code => ofOne.test(code));
  expect(drawn.filter(code => !code.includes('seed ${'))).toEqual([]);
});

/** The annotations that stand above an axis. */
const panelTitles = ({ annotations = [] }: { annotations?: { text: string; yanchor?: string; y: number }[] }) =>
  annotations.filter(({ yanchor }) => yanchor === 'bottom').map(({ text }) => text);
