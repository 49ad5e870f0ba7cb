/** The names of the streams that this process has drawn from. */
import { fail } from './check';
import { streamWord } from './generator';
import { processState } from './process-state';

/**
 * The word of the generator's key for a stream. The generator sees only the 32 bits of this word: of two names with
 * equal words, which would draw the same numbers, the second is refused: one pair in some 100,000 names.
 */
export function streamOf(where: string, stream: unknown): number {
  if (typeof stream !== 'string' || stream === '')
    fail(where, `stream is ${JSON.stringify(stream)} but must be a name`);
  const names = processState('streams', () => new Map<number, string>());
  const word = streamWord(stream);
  const other = names.get(word);
  if (other === undefined) names.set(word, stream);
  else if (other !== stream)
    fail(
      where,
      `stream ${JSON.stringify(stream)} would draw the same numbers as stream ${JSON.stringify(other)}, ` +
        'because both have the same word in the key of the generator; choose another name',
    );
  return word;
}
