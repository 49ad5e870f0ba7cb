import { expect, test } from 'vitest';
import {
  divergedNote,
  figureCaption,
  logAxisNote,
  seedsNote,
  splitTitle,
  titleWithCaption,
} from '../../src/plot/caption';
import { groups } from '../../src/plot/groups';
import { lines } from '../../src/plot/lines';
import { decay } from './support';

const run = (rate: number, status = 'done') => ({ rows: decay(rate), status });

test('a caption is what the caller says, and then the notes that apply', () => {
  expect(figureCaption('n = 3', '', false, 'two', 'three')).toBe('n = 3; two; three');
  expect(figureCaption(undefined, false)).toBe('');
  const { layout } = lines([run(1), run(2)], { x: 't', y: 'risk', title: 'Risk', caption: 'n = 3' });
  expect(splitTitle(layout.title.text).title).toBe('Risk');
  expect(layout.title.text).toContain('>n = 3; thin: 2 seeds, thick: mean<');
});

test('a title takes a caption, and is split again', () => {
  const text = titleWithCaption('R<sub>t</sub>', 'a<br>b');
  expect(text).toContain('>a<br>b<');
  expect(splitTitle(text)).toEqual({ title: 'R<sub>t</sub>', caption: 'a<br>b' });
  expect(titleWithCaption('R', '')).toBe('R');
});

test('what is missing is counted', () => {
  expect([divergedNote(0, 3), divergedNote(2, 3)]).toEqual([false, '2 of 3 runs diverged']);
  expect(logAxisNote([0, -1, 2], true)).toBe('2 values ≤ 0 cannot be shown on the log axis');
  expect(logAxisNote([0, -1, 2], false)).toBe(false);
});

test('the note says what a reader must know', () => {
  const read = (drawable: object) => groups('test', drawable as any, 't', 'risk');
  expect(seedsNote(read(decay(1)), false)).toBe('');
  expect(seedsNote(read({ a: [run(1), run(2)], b: [run(1), run(1, 'diverged'), run(2)] }), true)).toBe(
    'thin: 2 or 3 seeds, thick: geometric mean; 1 of 3 runs of b diverged',
  );
  const apart = [0, 0.5].map(shift => ({ rows: [0, 1, 2].map(t => ({ t: t && t + shift, risk: t })) }));
  expect(seedsNote(read(apart), false)).toBe('thin: 2 seeds'); // they share t = 0 only, so no mean is to be seen
});
