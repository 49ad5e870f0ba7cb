/** What long commands print: a line for each part that is done, and the progress of those that run. */

const quietSeconds = 10;

/** @typedef {ReturnType<typeof createProgress>} Progress */

/**
 * On a terminal the parts that run share one live line; elsewhere each of them gets a line every ten seconds, if it has
 * something new to say.
 * @param {{ write(text: string): unknown, isTTY?: boolean, columns?: number }} out
 */
export function createProgress(out) {
  /** @type {Map<string, { since: number, shown: number, text: string, said?: string }>} */
  const running = new Map();

  const live = () => {
    if (!out.isTTY) return;
    const text = [...running].map(([title, { text }]) => (text ? `${title} ${text}` : title)).join(' · ');
    out.write(`\r\x1b[2K${text && '  '}${text.slice(0, (out.columns ?? 80) - 3)}`);
  };
  /** @param {string} text */
  const line = text => {
    out.write(`${out.isTTY ? '\r\x1b[2K' : ''}${text}\n`);
    live();
  };

  return {
    line,
    /** @param {string} title */
    started(title) {
      running.set(title, { since: Date.now(), shown: Date.now(), text: '' });
      live();
    },
    /** @param {string} title @param {string} text */
    progress(title, text) {
      const state = running.get(title);
      if (!state) return;
      state.text = text;
      if (out.isTTY) live();
      else if (text !== state.said && Date.now() - state.shown > quietSeconds * 1000) {
        Object.assign(state, { shown: Date.now(), said: text });
        line(`  ${title}: ${text}`);
      }
    },
    /** @param {string} title @param {string} result */
    finished(title, result) {
      const seconds = (Date.now() - (running.get(title)?.since ?? Date.now())) / 1000;
      running.delete(title);
      line(`  ${title.padEnd(20)} ${seconds.toFixed(1).padStart(6)} s   ${result}`);
    },
    stopped() {
      running.clear();
      live();
    },
  };
}
