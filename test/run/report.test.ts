import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeReport } from '../../kernel-setup/run/report.mjs';
import { places, type Result } from '../../kernel-setup/run/results.mjs';
import { lines } from '../../src/plot';
import { plotlyMime } from '../../src/stored';
import { requireChromium, withPage } from '../support/browser';
import { root, writeNotebook } from '../support/notebooks';

let output: string;

const figure = () => {
  const fig = lines([{ t: 0, risk: 1 }, { t: 1, risk: 0.75 }, { t: 2, risk: 0.5 }], { x: 't', y: 'risk', title: 'Risk </script><b>bold' });
  return (fig as any)[Symbol.for('Jupyter.display')]()[plotlyMime];
};

const result = (name: string, more: Partial<Result>): Result => ({
  name, key: 'k', status: 'done', finished: '2026-01-01T10:00:00Z', seconds: 12, cells: [], profile: 'quick', settings: { n: 3, label: '<script>alert(1)</script>' },
  claims: [], known: [], figures: [], versions: { node: '20' }, ...more,
});

beforeAll(() => {
  output = mkdtempSync(path.join(tmpdir(), 'widenet-report-'));
  const claim = { id: 'a', statement: 'the risk < 1 & falls', measured: [NaN, 2], expect: { above: 1 }, source: 'own', verdict: 'fails' as const };
  const results = [
    result('chen2022', { claims: [claim], figures: [{ id: '01-risk', title: 'Risk' }, { id: '02-risk', title: 'Risk' }], previous: { finished: '2025-12-31T10:00:00Z', profile: 'quick', settings: { n: 2 }, claims: [] } }),
    result('forks/broken', { status: 'failed', failure: { cell: 3, name: 'Error', message: 'boom <b>', traceback: [] } }),
  ];
  for (const { name, figures } of results) {
    writeNotebook(path.join(output, 'notebooks'), name, [`# The **title** of ${name}`]);
    mkdirSync(places(output).figures(name), { recursive: true });
    for (const { id } of figures) writeFileSync(path.join(places(output).figures(name), `${id}.json`), JSON.stringify(figure()));
  }
  writeReport(root, output, results.map(r => ({ name: r.name, result: r })));
});
afterAll(() => rmSync(output, { recursive: true }));

test('the report is one file below 15 MB that shows verdicts, settings, differences and failures, and draws without network', async () => {
  expect(statSync(places(output).report).size).toBeLessThan(15e6);
  await withPage(requireChromium(), async page => {
    const problems: string[] = [];
    page.on('pageerror', error => { problems.push(error.message); });
    page.on('dialog', dialog => { problems.push(dialog.message()); });
    page.on('request', request => { if (!/^(file|data|blob):/.test(request.url())) problems.push(request.url()); });
    await page.goto(`file://${places(output).report}`);
    const text = await page.locator('body').innerText();
    for (const part of ['The title of chen2022', 'The title of forks/broken', 'the risk < 1 & falls', '2 .. 2 (1 not finite, 1 of 2 hold)', '>= 1', 'n 3', '<script>alert(1)</script>', 'n: 2 -> 3', 'a: new, fails', 'Failed in code cell 3: Error: boom <b>'])
      expect(text).toContain(part);
    for (const box of await page.locator('.figure').all()) {
      await box.scrollIntoViewIfNeeded();
      await box.locator('.main-svg').first().waitFor();
    }
    expect(await page.locator('.figure').count()).toBe(2);
    await page.locator('.nsewdrag').first().hover();
    expect(await page.locator('.hoverlayer .hovertext').count()).toBeGreaterThan(0);
    expect(problems).toEqual([]);
  });
});
