import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { frontPicture } from '../../kernel-setup/run/front-picture.mjs';
import { root } from '../support/root';

test('the picture at the top of the README is what the committed notebook shows: npm run format makes it', () => {
  const picture = readFileSync(path.join(root, 'notebooks', 'front.png'));
  expect(picture.equals(frontPicture(root))).toBe(true);
  expect(picture.length).toBeLessThan(150_000);
  expect(readFileSync(path.join(root, 'README.md'), 'utf8')).toMatch(/!\[[^\]]+\]\(notebooks\/front\.png\)/);
});
