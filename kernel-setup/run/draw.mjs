/// <reference lib="dom" />
// Figures as pictures: plotly.js draws them in a Chromium or Chrome found on this machine.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { scriptOf } from '../plotly-renderer/script.cjs';

const require = createRequire(import.meta.url);
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge'];
const macApps = ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
  app => `/Applications/${app}.app/Contents/MacOS/${app}`,
);

/**
 * The browser to draw with: what WIDENET_CHROMIUM names, or the first one on the PATH; undefined when there is none.
 * @returns {string | undefined}
 */
export function findChromium() {
  if (process.env.WIDENET_CHROMIUM) return process.env.WIDENET_CHROMIUM;
  const onPath = names.flatMap(name => (process.env.PATH ?? '').split(path.delimiter).map(dir => path.join(dir, name)));
  return [...onPath, ...macApps].find(existsSync);
}

export const noChromium =
  'no Chromium or Chrome found, so figures are kept as interactive JSON only, without SVG and PNG. ' +
  'Install one (Debian/Ubuntu: sudo apt install chromium; Fedora: sudo dnf install chromium; macOS: brew install --cask chromium), or name one in WIDENET_CHROMIUM.';

const flags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * A folder for a browser's profile. A process of its own removes it when told so, and also when this process has ended
 * in whatever way: by then the browser, which may hang, is ended too.
 */
async function makeProfile() {
  const folder = await mkdtemp(path.join(tmpdir(), 'widenet-browser-'));
  const script = 'cat; pkill -KILL -f -- "--user-data-dir=$0" && sleep 1; rm -rf -- "$0"';
  const guard = spawn('/bin/sh', ['-c', script, folder], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  const gone = new Promise(resolve => guard.once('exit', resolve).once('error', resolve));
  guard.unref();
  const remove = async () => {
    guard.ref();
    guard.stdin.end();
    await gone;
    await rm(folder, { recursive: true, force: true });
  };
  return { folder, remove };
}

/** Why a browser did not start: what it said last, or what playwright says. @param {string} message */
function reason(message) {
  const lines = stripVTControlCharacters(message).split('\n');
  const said = lines.map(line => /\[err\] (.*\S)/.exec(line)?.[1]).filter(Boolean);
  return said.at(-1) ?? lines[0].replace(/^browserType\.\w+: /, '');
}

/**
 * Opens a fresh headless browser. `signal` ends one that is starting.
 * @param {string} executablePath @param {AbortSignal} [signal]
 */
async function open(executablePath, viewport = { width: 960, height: 600 }, signal) {
  const { chromium } = /** @type {typeof import('playwright-core')} */ (require('playwright-core'));
  signal?.throwIfAborted();
  const profile = await makeProfile();
  const args = process.getuid?.() === 0 ? ['--no-sandbox', ...flags] : flags;
  const stop = () => void profile.remove();
  signal?.addEventListener('abort', stop, { once: true });
  const context = await chromium
    .launchPersistentContext(profile.folder, {
      executablePath,
      headless: true,
      args,
      viewport,
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    })
    .catch(async error => {
      await profile.remove();
      signal?.throwIfAborted();
      throw new Error(`${executablePath} does not start: ${reason(error.message)}`);
    })
    .finally(() => signal?.removeEventListener('abort', stop));
  return { context, page: context.pages()[0] ?? (await context.newPage()), removeProfile: profile.remove };
}

/**
 * Runs `work(page)` in a fresh headless browser, which `signal` closes.
 * @template T @param {string} executablePath @param {(page: import('playwright-core').Page) => Promise<T>} work
 * @param {AbortSignal} [signal]
 */
export async function withPage(executablePath, work, viewport = { width: 960, height: 600 }, signal) {
  const { context, page, removeProfile } = await open(executablePath, viewport, signal);
  const close = () => void context.close().catch(() => {});
  if (signal?.aborted) close();
  signal?.addEventListener('abort', close, { once: true });
  try {
    return await work(page);
  } finally {
    signal?.removeEventListener('abort', close);
    await context.close();
    await removeProfile();
  }
}

/**
 * What a renderer gets of a figure; it comes from a notebook's outputs, so that any part may be missing.
 * @typedef {{ data: any[], layout?: any, frames?: any[], config?: any }} FigureJson
 * @typedef {{ svg: string, png: string } | { problem: string }} Picture
 */

/**
 * Draws figures 900 pixels wide; each picture is `{ svg, png }`, text and base64, or the problem that plotly.js has.
 * @param {string} executablePath @param {FigureJson[]} figures @param {AbortSignal} [signal]
 * @returns {Promise<Picture[]>}
 */
export function draw(executablePath, figures, signal) {
  return withPage(
    executablePath,
    async page => {
      await prepare(page);
      /** @type {Picture[]} */
      const pictures = [];
      for (const [i, figure] of figures.entries()) {
        const picture = await page.evaluate(drawOne, figure).catch(error => {
          signal?.throwIfAborted();
          return { problem: `figure ${i + 1}: plotly.js: ${error.message.split('\n')[0]}` };
        });
        pictures.push(picture);
      }
      return pictures;
    },
    undefined,
    signal,
  );
}

/** A browser that draws one figure after another, until it is closed. @param {string} executablePath */
export async function openPainter(executablePath) {
  const { context, page, removeProfile } = await open(executablePath);
  const close = () => context.close().then(removeProfile);
  await prepare(page).catch(async error => {
    await close();
    throw error;
  });
  return {
    close,
    /** @param {FigureJson} figure @param {'png' | 'svg' | 'pdf'} format @param {number} [width] Pixels. */
    paint: async (figure, format, width) => {
      const { svg, png } = await page.evaluate(drawOne, { ...figure, width });
      const made = format === 'png' ? png : format === 'svg' ? svg : await pdfOf(context, svg);
      return { [format]: made };
    },
  };
}

/** Loads what draws figures. @param {import('playwright-core').Page} page */
async function prepare(page) {
  await page.addScriptTag({ path: require.resolve('plotly.js-dist') });
  await page.addScriptTag({ content: `(() => {${scriptOf('picture.mjs')}\nwindow.pictures = pictures; })();` });
}

/**
 * One page of the size of an SVG, in base64.
 * @param {import('playwright-core').BrowserContext} context @param {string} svg
 */
async function pdfOf(context, svg) {
  const [, width, height] = /<svg [^>]*width="(\d+)" height="(\d+)"/.exec(svg) ?? [];
  const page = await context.newPage();
  try {
    await page.setContent(`<style>body { margin: 0 } svg { display: block }</style>${svg}`);
    const pdf = await page.pdf({ width: `${width}px`, height: `${height}px`, printBackground: true, pageRanges: '1' });
    return pdf.toString('base64');
  } finally {
    await page.close();
  }
}

/**
 * Runs in the browser. @param {FigureJson & { width?: number }} figure @returns {Promise<{ svg: string, png: string }>}
 */
function drawOne(figure) {
  const { Plotly, pictures } = /** @type {any} */ (window);
  return pictures(Plotly, figure, figure.width);
}
