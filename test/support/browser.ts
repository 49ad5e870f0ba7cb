/** The browser that tests look through. */
import type { Page } from 'playwright-core';
import { findChromium, noChromium, withPage as withPageOf } from '../../kernel-setup/run/draw.mjs';

/** Runs `work` with a page of a fresh browser, which waits as long as a busy machine may need. */
export const withPage = <T>(
  chromium: string,
  work: (page: Page) => Promise<T>,
  size?: { width: number; height: number },
) =>
  withPageOf(
    chromium,
    page => {
      page.setDefaultTimeout(600_000);
      return work(page);
    },
    size,
  );

/** The browser on this machine; a test that needs one fails without it and says how to get it. */
export function requireChromium(): string {
  return (
    findChromium() ??
    (() => {
      throw new Error(noChromium);
    })()
  );
}
