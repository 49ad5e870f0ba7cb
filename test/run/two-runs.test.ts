import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { outputPaths } from '../../kernel-setup/run/output-folder.mjs';
import { type Result, writeResult } from '../../kernel-setup/run/results.mjs';
import { inBoth, writeTwoRuns } from '../../kernel-setup/run/two-runs.mjs';
import { requireChromium, withPage } from '../support/browser';
import { root, writeNotebook } from '../support/notebooks';
import { claim, result } from '../support/results';

let output: string;
const runs = () => ['narrow', 'wide'].map(name => ({ name, output: path.join(output, name) })) as any;

/** A result as a run leaves it, with figures whose last value tells the run. */
function store(run: string, name: string, m: number, claims: Result['claims'], figures: string[]) {
  const at = outputPaths(path.join(output, run));
  const titled = figures.map((title, i) => ({ id: `0${i + 1}-figure`, title }));
  writeNotebook(path.join(output, run, 'notebooks'), name, ['# Title']);
  mkdirSync(at.figures(name), { recursive: true });
  const three = { xaxis: { domain: [0, 0.2] }, xaxis2: { domain: [0.4, 0.6] }, xaxis3: { domain: [0.8, 1] } };
  for (const { id, title } of titled.filter(({ title }) => title !== 'lost'))
    writeFileSync(
      path.join(at.figures(name), `${id}.json`),
      JSON.stringify({
        data: [{ y: [1, m], name: `${title} ${m}` }],
        layout: { showlegend: true, ...(title === 'Panels' && three) },
      }),
    );
  writeResult(at.result(name), result(claims, { name, settings: { m, n: 3 }, figures: titled }));
}

beforeAll(() => {
  output = mkdtempSync(path.join(tmpdir(), 'two runs-'));
  store('narrow', 'chen2022', 64, [claim('falls', 2), claim('old', 1)], ['Risk', 'Risk', 'lost']);
  store('wide', 'chen2022', 512, [claim('falls', -1, 'fails'), claim('<b>new', 3)], ['Risk', 'Map']);
  store('wide', 'zhang2022', 1, [claim('falls', 1)], []);
});
afterAll(() => rmSync(output, { recursive: true }));

test('notebooks that one run alone has, or has damaged, are left out, and that is said', () => {
  const { pairs, leftOut } = inBoth(root, runs());
  expect(pairs.map(([{ result }]) => result.name)).toEqual(['chen2022']);
  expect(leftOut).toEqual(['zhang2022: not run in narrow']);
  store('narrow', 'zhang2022', 1, [], []);
  writeFileSync(outputPaths(path.join(output, 'narrow')).result('zhang2022'), '{');
  expect(inBoth(root, runs()).leftOut).toEqual([
    expect.stringMatching(/^zhang2022: its result is damaged: .* in narrow$/),
  ]);
});

test('settings that differ, both verdicts of each claim, and figures of one title stand side by side', async () => {
  const file = path.join(output, 'two.html');
  writeTwoRuns(root, file, inBoth(root, runs()));
  await withPage(requireChromium(), async page => {
    await page.goto(`file://${file}`);
    await page.locator('body[data-drawn=all]').waitFor();
    const rows = await page.locator('tbody tr').allInnerTexts();
    expect(rows.map(row => row.split('\t').map(text => text.trim()))).toEqual([
      ['m', '64', '512'],
      ['falls', 'holds', '2, expected ≥ 0', 'fails', '-1, expected ≥ 0'],
      ['old', 'holds', '1, expected ≥ 0', '-', '-'],
      ['<b>new', '-', '-', 'holds', '3, expected ≥ 0'],
    ]);
    expect(await page.locator('h1').innerText()).toBe('widenet: narrow beside wide');
    expect(await page.locator('caption').allInnerTexts()).toEqual([
      'Settings that differ; 4 are the same',
      'Verdicts: 3 of 3 differ',
    ]);
    const pairs = await page.locator('.pair').all();
    const texts = await Promise.all(pairs.map(pair => pair.innerText()));
    expect(texts.map(text => /Risk \d+|Map \d+|no such figure|its file is missing/g[Symbol.match](text))).toEqual([
      ['Risk 64', 'Risk 512'],
      ['Risk 64', 'no such figure'],
      ['its file is missing', 'no such figure'],
      ['no such figure', 'Map 512'],
    ]);
    const [left, right] = await pairs[0].locator('> div').all();
    const [a, b] = [await left.boundingBox(), await right.boundingBox()];
    expect(a!.x + a!.width).toBeLessThan(b!.x);
    expect(a!.y).toBe(b!.y);
  });
});

test('figures of panels stand one below the other, and long claims wrap: nothing is cut at 1280 and 800 pixels', async () => {
  const long = (m: number) => ({ ...claim('long', m), statement: 'a statement of many words '.repeat(12) });
  store('narrow', 'tour', 64, [long(1)], ['Panels']);
  store('wide', 'tour', 512, [long(2)], ['Panels']);
  const file = path.join(output, 'panels.html');
  writeTwoRuns(root, file, inBoth(root, runs()));
  await withPage(requireChromium(), async page => {
    for (const width of [1280, 800]) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(`file://${file}`);
      await page.locator('body[data-drawn=all]').waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      const [above, below] = await page.locator('#tour .pair > div').all();
      const [a, b] = [await above.boundingBox(), await below.boundingBox()];
      expect([a!.x, a!.width]).toEqual([b!.x, b!.width]);
      expect(a!.y + a!.height).toBeLessThanOrEqual(b!.y);
      const claims = page.locator('#tour .two').last();
      const [cell, table] = [await claims.locator('td').first().boundingBox(), await claims.boundingBox()];
      const head = await claims
        .locator('td')
        .nth(1)
        .evaluate(td => getComputedStyle(td, '::before').content);
      expect(head).toBe(width > 800 ? 'none' : '"narrow: "');
      if (width > 800) expect(cell!.width).toBeLessThan(table!.width / 2);
    }
    expect(await page.locator('#chen2022 .pair.wide').count()).toBe(0);
    const [left, right] = await page.locator('#chen2022 .pair > div').all();
    expect((await left.boundingBox())!.x, 'a narrow page').toBe((await right.boundingBox())!.x);
  });
});
