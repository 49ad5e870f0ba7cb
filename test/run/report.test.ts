import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeReport } from '../../kernel-setup/run/report.mjs';
import { readNotebook } from '../../kernel-setup/run/notebooks.mjs';
import type { Result } from '../../kernel-setup/run/results.mjs';
import { outputPaths } from '../../kernel-setup/run/output-folder.mjs';
import { lines } from '../../src/plot/lines';
import { plotlyMime, storedClaims } from '../../src/notebook/stored-results';
import { requireChromium, withPage } from '../support/browser';
import { root, writeNotebook } from '../support/notebooks';
import { result as resultOf } from '../support/results';

let output: string;

const figure = () => {
  const fig = lines(
    [
      { t: 0, risk: 1 },
      { t: 1, risk: 0.75 },
      { t: 2, risk: 0.5 },
    ],
    { x: 't', y: 'risk', title: 'Risk </script><b>bold' },
  );
  return (fig as any)[Symbol.for('Jupyter.display')]()[plotlyMime];
};

/** A figure as it should be, one with data alone, and one that plotly.js refuses. */
const figureOf = (id: string) =>
  id === 'bare'
    ? { data: [{ y: [1, 2] }], title: attack }
    : id === 'broken'
      ? { data: [null, 3], layout: 7, frames: attack, config: attack }
      : figure();

const result = (name: string, more: Partial<Result>) =>
  resultOf([], {
    name,
    finished: '2026-01-01T10:00:00Z',
    settings: { n: 3, label: '<script>alert(1)</script>' },
    ...more,
  });

beforeAll(() => {
  output = mkdtempSync(path.join(tmpdir(), 'widenet-report-'));
  const claim = {
    id: 'a',
    statement: 'the risk < 1 & falls',
    measured: [NaN, 2],
    expect: { above: 1 },
    source: 'own',
    kind: 'claim' as const,
    against: ['no <b>training', 'a power law'].map(name => ({ name, measured: 0, verdict: 'fails' as const })),
    verdict: 'fails' as const,
  };
  const results = [
    result('chen2022', {
      claims: [claim, { ...claim, id: 'mass', measured: 2, kind: 'check', against: [], verdict: 'holds' }],
      figures: [
        { id: '01-risk', title: 'Risk' },
        { id: '02-risk', title: 'Risk' },
      ],
      previous: { finished: '2025-12-31T10:00:00Z', profile: 'quick', settings: { n: 2 }, claims: [] },
    }),
    result('forks/broken', {
      status: 'failed',
      failure: { cell: 3, name: 'Error', message: 'boom <b>', traceback: [] },
    }),
  ];
  results.push(...hostile());
  const ofFork = [
    '**Hypothesis.** A rate of `2` <img src=x>, unlike [the parent](../chen2022.ipynb).',
    '**Change.** n',
    '**Formulas.** $m_1 < \\frac{1}{2}$, not `$m$`, of $5 and \\$6; $\\foo{<b>}$',
    `$$\n${'x_1 + '.repeat(60)}x_2\n$$`,
  ].join('\n\n');
  const forked = { source: 'const { n } = params({ quick: { n: 2, m: 9 } })', tags: ['parameters'] };
  results.push(
    result('forks/wider', { settings: { n: 3, m: 9 }, claims: [{ ...claim, id: 'linear-rate' }] }),
    result('forks/orphan', { claims: [claim] }),
  );
  for (const { name, figures } of results) {
    const heading = `# The **title** of ${name}${name === 'hostile' ? attack : ''}${name === 'forks/wider' ? `\n\n${ofFork}` : ''}`;
    const widenet = { parent: { 'forks/wider': 'chen2022', 'forks/orphan': 'gone' }[name] };
    writeNotebook(path.join(output, 'notebooks'), name, [heading, forked], { widenet });
    mkdirSync(outputPaths(output).figures(name), { recursive: true });
    for (const { id } of figures)
      if (id !== 'missing')
        writeFileSync(path.join(outputPaths(output).figures(name), `${id}.json`), JSON.stringify(figureOf(id)));
  }
  writeReport(root, output, [
    ...results.map(r => ({ name: r.name, result: r, fresh: r.name === 'chen2022' ? [onFresh(r, 5)] : [], leftOut })),
    { name: 'damaged', problem: 'its result is damaged' },
    { name: 'only-fresh', committed: results[0], fresh: [{ ...onFresh(results[0], 6), name: 'only-fresh' }] },
  ]);
});
afterAll(() => rmSync(output, { recursive: true }));

/** The result with another measurement and verdict, as on other seeds. */
const onFresh = (r: Result, firstSeed: number): Result => ({
  ...r,
  settings: { ...r.settings, firstSeed },
  claims: r.claims.map(c => ({ ...c, measured: firstSeed, verdict: 'holds' })),
});

const leftOut = ['fresh-seeds/9: failed in code cell 2: <img src=x onerror=alert(3)>'];

const attack = '</script><script>alert(1)</script><!--\u2028"><img src=x onerror=alert(2)>';

/** A result each of whose fields holds HTML, in every type that a field may have been forged to. */
function hostile() {
  const forged = {
    id: attack,
    statement: attack,
    source: attack,
    note: attack,
    measured: 1,
    expect: { above: 0 },
    kind: 'claim',
    against: [{ name: attack, measured: 1, verdict: attack }],
    verdict: attack,
  } as any;
  const fields = {
    profile: attack,
    seconds: attack,
    finished: attack,
    settings: { [attack]: attack, list: [attack], number: 3 },
    versions: { [attack]: attack },
  } as any;
  return [
    result('hostile', {
      ...fields,
      claims: [forged, { ...forged, verdict: 'holds' }],
      partial: [forged],
      unreadable: [attack],
      status: attack as any,
      failure: { cell: attack as any, name: attack, message: attack, traceback: [] },
      figures: [
        { id: '01-risk', title: attack },
        { id: 'bare', title: 'bare' },
        { id: 'broken', title: 'broken' },
        { id: 'missing', title: 'missing' },
        { id: '05-risk', title: 'last' },
      ],
      previous: { finished: attack, profile: attack, settings: { [attack]: 1 }, claims: [forged] },
    }),
  ];
}

test('the report is one file below 6 MB that shows verdicts, settings, differences and failures, and draws without network', async () => {
  expect(statSync(outputPaths(output).report).size).toBeLessThan(6e6);
  await withPage(requireChromium(), async page => {
    const problems: string[] = [];
    page.on('pageerror', error => {
      problems.push(error.message);
    });
    page.on('dialog', dialog => {
      problems.push(dialog.message());
    });
    page.on('request', request => {
      if (!/^(file|data|blob):/.test(request.url())) problems.push(request.url());
    });
    await page.goto(`file://${outputPaths(output).report}`);
    const text = await page.locator('body').innerText();
    for (const part of [
      'The title of chen2022',
      'The title of forks/broken',
      'the risk < 1 & falls',
      '2 .. 2 (1 not finite, 1 of 2 hold)',
      'what would have failed',
      'no <b>training: 0\na power law: 0',
      'claims: 1 fails',
      'checks: 1 holds',
      '6 claims: 1 holds, 4 fail.',
      '2 checks: 2 hold.',
      '2 of 4 verdicts on fresh seeds (2 sets) are the same, not:',
      'chen2022 a: fails -> holds, from seed 5 on',
      'only-fresh a: fails -> holds, from seed 6 on',
      'Failed: forks/broken, damaged.',
      'fails in 0 of 1 set: 5',
      'from seed 5 on: holds, 5',
      'Fresh seeds that are not in the table:',
      'fresh-seeds/9: failed in code cell 2: <img src=x onerror=alert(3)>',
      'Executed on fresh seeds: from 5 on',
      'As the committed notebook shows it; only fresh seeds were run here.',
      '≥ 1',
      'n 3',
      '<script>alert(1)</script>',
      'n: 2 -> 3',
      'a: new, fails',
      'Failed in code cell 3: Error: boom <b>',
    ])
      expect(text).toContain(part);
    for (const box of await page.locator('[data-figure^="chen2022/"]').all()) {
      await box.scrollIntoViewIfNeeded();
      await box.locator('.main-svg').first().waitFor();
    }
    expect(await page.locator('[data-figure^="chen2022/"].figure').count()).toBe(2);
    await page.locator('.nsewdrag').first().hover();
    await page.locator('.hoverlayer .hovertext').first().waitFor();
    expect(problems).toEqual([]);
  });
});

test('a fork has its hypothesis, and its claims beside those of its parent; nothing links to a file that is not sent', async () => {
  await withPage(requireChromium(), async page => {
    await page.goto(`file://${outputPaths(output).report}`);
    const section = page.locator('[id="forks/wider"]');
    expect(await section.locator('> p:not(.facts)').allInnerTexts()).toEqual([
      'Hypothesis. A rate of 2 <img src=x>, unlike the parent.',
      'Change. n',
      expect.stringMatching(
        /^Formulas\. .*, not \$m\$, of \$5 and \$6; \\foo\{<b>\} \(Unsupported function name: \\foo\)$/s,
      ),
      expect.stringMatching(/^𝑥\s*1/u),
    ]);
    expect(await section.locator('math').count()).toBe(2);
    expect(await section.locator('mfrac > mn').allTextContents()).toEqual(['1', '2']);
    expect(await section.locator('p b, p code').allInnerTexts()).toEqual(
      expect.arrayContaining(['Hypothesis.', '2', 'Change.']),
    );
    const text = await section.innerText();
    expect(text).toContain('Settings (profile quick, with --set n): n 3 m 9');
    expect(text).toContain('in the folder of this run: notebooks/forks/wider.ipynb');
    const parent = storedClaims(readNotebook(path.join(root, 'notebooks', 'chen2022.ipynb')) as any).claims;
    const rows = await section.locator('.two').last().locator('tbody tr').count();
    expect(rows).toBe(new Set([...parent.map(({ id }) => id), 'linear-rate']).size);
    expect(await section.locator('.two').last().locator('th').allInnerTexts()).toEqual([
      'claim',
      'parent: chen2022',
      'measured',
      'this fork',
      'measured',
    ]);
    expect(await page.locator('[id="forks/orphan"] .fails').allInnerTexts()).toContain(
      'Its parent gone is not among the notebooks, or damaged.',
    );
    const links = await page.locator('a').evaluateAll(all => all.map(a => a.getAttribute('href')));
    expect(links.filter(link => !/^#|^https:\/\/plotly\.com/.test(link!))).toEqual([]);
  });
});

test('on a phone nothing is cut off: a row is a block, and each of its values has its head', async () => {
  await withPage(requireChromium(), async page => {
    await page.setViewportSize({ width: 390, height: 800 });
    await page.goto(`file://${outputPaths(output).report}`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    const cell = page.locator('#chen2022 td').nth(4);
    expect(await cell.evaluate(td => getComputedStyle(td, '::before').content)).toBe('"what would have failed: "');
  });
});

test('every text stands out from what is behind it, as WCAG asks of small text, in light and in dark; paper is white', async () => {
  await withPage(requireChromium(), async page => {
    await page.goto(`file://${outputPaths(output).report}`);
    await page.waitForFunction(() => document.body.dataset.drawn === 'all');
    const backs = { light: '', dark: '', print: '' };
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      expect(await page.evaluate(weakest)).toBeGreaterThan(4.5);
      backs[scheme] = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    }
    await page.emulateMedia({ colorScheme: 'dark', media: 'print' });
    backs.print = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(backs).toEqual({ light: 'rgb(255, 255, 255)', dark: 'rgb(22, 22, 22)', print: 'rgb(255, 255, 255)' });
  });
});

test.each(['light', 'dark'] as const)(
  'printed before any figure is drawn, the report has all of them: %s',
  async scheme => {
    await withPage(requireChromium(), async page => {
      await page.emulateMedia({ colorScheme: scheme });
      await page.addInitScript(() => {
        window.requestIdleCallback = () => 0;
        window.IntersectionObserver.prototype.observe = () => {};
        const { text } = window.Response.prototype;
        window.Response.prototype.text = async function () {
          await new Promise(resolve => setTimeout(resolve, 1000));
          return text.call(this);
        };
      });
      await page.goto(`file://${outputPaths(output).report}`);
      const drawn = page.locator('.figure:has(.main-svg)');
      expect(await drawn.count()).toBe(0);
      const first = await page.pdf();
      expect(await drawn.count()).toBe(5);
      expect((await page.pdf()).length).toBe(first.length);
    });
  },
);

test('what is printed before plotly.js is there, or read without JavaScript, names the figures that it does not show', async () => {
  await withPage(requireChromium(), async page => {
    const placeOf = () =>
      page
        .locator('.figure')
        .first()
        .evaluate(box => getComputedStyle(box, '::after').content);
    await page.addInitScript(() => {
      window.Response.prototype.text = () => new Promise(() => {});
    });
    const address = `file://${outputPaths(output).report}`;
    await page.goto(address, { waitUntil: 'domcontentloaded' });
    expect(await placeOf()).toBe('none');
    await page.emulateMedia({ media: 'print' });
    expect(await placeOf()).toBe('"Risk: not drawn yet; print again in a moment"');
    const session = await page.context().newCDPSession(page);
    await session.send('Emulation.setScriptExecutionDisabled', { value: true });
    for (const media of ['print', 'screen'] as const) {
      await page.emulateMedia({ media });
      await page.goto(address);
      expect(await placeOf()).toBe('"Risk: not drawn without JavaScript"');
      expect(await page.locator('noscript p').innerText()).toContain('as pictures too, in figures');
    }
  });
});

test('a report that a browser has saved draws each figure once', async () => {
  await withPage(requireChromium(), async page => {
    const saved = path.join(output, 'saved.html');
    await page.goto(`file://${outputPaths(output).report}`);
    await page.waitForFunction(() => document.body.dataset.drawn === 'all');
    writeFileSync(saved, (await page.content()).replace('data-drawn="all"', ''));
    await page.goto(`file://${saved}`);
    await page.waitForFunction(() => document.body.dataset.drawn === 'all');
    expect(await page.locator('.figure').count()).toBe(5);
    expect(await page.locator('.figure .svg-container').count()).toBe(5);
  });
});

/** The least contrast of a text of the page, those of figures too, to the background that it stands on. */
function weakest(): number {
  const channels = (color: string) => color.match(/[\d.]+/g)!.map(Number);
  const luminance = (color: string) => {
    const [r, g, b] = channels(color)
      .map(v => v / 255)
      .map(v => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const back = (element: Element): string => {
    const { backgroundColor } = getComputedStyle(element);
    return channels(backgroundColor)[3] === 0 ? back(element.parentElement!) : backgroundColor;
  };
  const texts = Array.from(document.querySelectorAll('body *:not(script)')).filter(element =>
    Array.from(element.childNodes).some(node => node.nodeType === Node.TEXT_NODE && node.textContent!.trim()),
  );
  const contrasts = texts.map(element => {
    const style = getComputedStyle(element);
    const [low, high] = [element instanceof SVGElement ? style.fill : style.color, back(element)]
      .map(luminance)
      .sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  });
  return Math.min(...contrasts);
}

test('whatever a notebook put into its outputs is shown as text; a broken figure blanks no other', async () => {
  await withPage(requireChromium(), async page => {
    const problems: string[] = [];
    page.on('pageerror', error => {
      problems.push(error.message);
    });
    page.on('dialog', dialog => {
      problems.push(dialog.message());
      void dialog.dismiss();
    });
    await page.goto(`file://${outputPaths(output).report}`);
    const boxes = page.locator('[data-figure^="hostile/"]');
    expect(await boxes.count()).toBe(5);
    for (const box of await boxes.all()) await box.scrollIntoViewIfNeeded();
    for (const id of ['01-risk', 'bare', '05-risk']) {
      const box = page.locator(`[data-figure="hostile/${id}"]`);
      await box.scrollIntoViewIfNeeded();
      await box.locator('.main-svg').first().waitFor();
    }
    const missing = page.locator('[data-figure="hostile/missing"]');
    await missing.scrollIntoViewIfNeeded();
    await expect.poll(() => missing.innerText()).toBe('The figure "missing" cannot be drawn: its file is missing');
    expect(await page.locator('script').count()).toBe(3);
    expect(await page.locator('img[src=x]').count()).toBe(0);
    const text = await page.locator('#hostile').innerText();
    expect(text.split('</script><script>alert(1)</script>').length).toBeGreaterThan(10);
    expect(text).toContain('Incomplete: figures/hostile/missing.json is missing; run it again');
    expect(problems).toEqual([]);
  });
});
