/** The names of the streams drawn from so far. They live with the process, not with this module, so that a reload of the library keeps them. */
import { fail } from './check';
import { streamWord } from './generator';

const key = Symbol.for('widenet.streams');

/**
 * The word of the generator's key for a stream. A name is known to the generator by 32 bits of it: of two names with the same ones
 * (among a hundred thousand names, about one such pair), which would draw the same numbers, the second is refused.
 */
export function streamOf(where: string, stream: unknown): number {
  if (typeof stream !== 'string' || stream === '')
    fail(where, `stream is ${JSON.stringify(stream)} but must be a name`);
  const names = ((globalThis as unknown as Record<symbol, Map<number, string> | undefined>)[key] ??= new Map());
  const word = streamWord(stream),
    other = names.get(word);
  if (other === undefined) names.set(word, stream);
  else if (other !== stream)
    fail(
      where,
      `stream ${JSON.stringify(stream)} would draw the same numbers as stream ${JSON.stringify(other)}, ` +
        'for the generator takes both for one; choose another name',
    );
  return word;
}
