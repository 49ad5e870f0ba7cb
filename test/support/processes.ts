import { expect } from 'vitest';

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Waits until a process has ended. */
export const hasEnded = (pid: number) => expect.poll(() => isAlive(pid)).toBe(false);
