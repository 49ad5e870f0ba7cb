/** The browser that tests look through. */
import { findChromium, noChromium, withPage } from '../../kernel-setup/run/draw.mjs';

export { withPage };

/** The browser on this machine; a test that needs one fails without it and says how to get it. */
export function requireChromium(): string {
  return (
    findChromium() ??
    (() => {
      throw new Error(noChromium);
    })()
  );
}
