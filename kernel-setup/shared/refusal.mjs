/** What a command says when it does not start, or cannot go on: one message with its remedy, and no stack trace. */

/** A reason to stop that the user can change. `remedy` says how, in one line or several. */
export class Refusal extends Error {
  /** @param {string} reason @param {string | string[]} [remedy] */
  constructor(reason, remedy = []) {
    const lines = [remedy].flat();
    super([reason, ...lines].join('\n  '));
    this.reason = reason;
    this.remedy = lines;
  }
}

/** What the error codes of the operating system mean. @type {Record<string, [what: string, remedy: string]>} */
const system = {
  ENOSPC: [
    'the disk is full',
    'free some space and run the same command again: what is done is kept, go on with --resume',
  ],
  EDQUOT: [
    'your disk quota is used up',
    'free some space and run the same command again: what is done is kept, go on with --resume',
  ],
  EFBIG: [
    'the file would be larger than this process may write (see: ulimit -f)',
    'raise the limit and run the same command again',
  ],
  EROFS: ['the file system is read-only', 'make it writable, or name another folder: --output <folder>'],
  EACCES: ['permission denied', 'make it writable for this user, or name another folder: --output <folder>'],
  EPERM: ['permission denied', 'make it writable for this user, or name another folder: --output <folder>'],
  EIO: ['the disk failed to read or write', 'check the disk, then run the same command again'],
  EMFILE: ['too many files are open', 'raise the limit (see: ulimit -n) and run the same command again'],
  ENAMETOOLONG: ['the name is too long', 'choose a shorter one'],
  ENOTDIR: ['a part of the path is a file', 'move that file away, or name another folder: --output <folder>'],
  EISDIR: ['there is a folder where a file should be', 'move it away and run the same command again'],
};

/**
 * The refusal for an error of the operating system (a full disk, a missing right); undefined for any other error.
 * @param {unknown} error
 */
export function systemRefusal(error) {
  const { code = '', path, dest, syscall } = /** @type {NodeJS.ErrnoException & { dest?: string }} */ (error);
  if (!(error instanceof Error) || !Object.hasOwn(system, code)) return undefined;
  const [what, remedy] = system[code];
  return new Refusal(`${what} (${code}${syscall ? `, ${syscall}` : ''}${path ? ` ${dest ?? path}` : ''})`, remedy);
}
