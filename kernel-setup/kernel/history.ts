/** What was run in this session. */

interface Entry {
  line: number;
  input: string;
  output: string;
}

type Request = Record<string, any>;

const session = 1;

/** A shell pattern (`*`, `?`) as a regular expression. */
const glob = (pattern: string) =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*/g, '[^]*')
      .replace(/\?/g, '[^]')}$`,
  );

export function createHistory() {
  const entries: Entry[] = [];

  function select({ hist_access_type, n, session: asked, start, stop, pattern, unique }: Request): Entry[] {
    if (hist_access_type === 'range') {
      const own = asked === session || asked === 0;
      return own ? entries.filter(e => e.line >= (start ?? 0) && (stop == null || e.line < stop)) : [];
    }
    if (hist_access_type === 'tail') return n > 0 ? entries.slice(-n) : [];
    const matcher = glob(pattern ?? '*');
    let found = entries.filter(e => matcher.test(e.input));
    if (unique) found = found.filter((e, i) => !found.slice(i + 1).some(later => later.input === e.input));
    return n > 0 ? found.slice(-n) : found;
  }

  return {
    add(entry: Entry): void {
      entries.push(entry);
    },
    /** history_reply: `[session, line, input]`, or `[session, line, [input, output]]`. */
    reply(request: Request) {
      const history = select(request).map(({ line, input, output }) => [
        session,
        line,
        request.output ? [input, output] : input,
      ]);
      return { status: 'ok', history };
    },
  };
}
