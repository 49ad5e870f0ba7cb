/** What a command says when it will not start, or cannot go on: one message with its remedy, and no stack trace. */

/** A wrong argument, or a place that cannot be used. `remedy` says what to do instead. */
export class Refusal extends Error {
  /** @param {string} message @param {string} [remedy] */
  constructor(message, remedy) {
    super(remedy ? `${message}\n  ${remedy}` : message);
  }
}

/** What the system says of a file or a process, by its code. @type {Record<string, [what: string, remedy: string]>} */
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
  EIO: ['the disk failed to read or write', 'look after the disk, then run the same command again'],
  EMFILE: ['too many files are open', 'raise the limit (see: ulimit -n) and run the same command again'],
  ENAMETOOLONG: ['the name is too long', 'choose a shorter one'],
  ENOTDIR: ['a part of the path is a file', 'move that file away, or name another folder: --output <folder>'],
  EISDIR: ['there is a folder in the place of a file', 'move it away and run the same command again'],
};

/**
 * The refusal that tells a failure of the system (a full disk, a missing right); undefined for any other error.
 * @param {unknown} error
 */
export function systemRefusal(error) {
  const { code = '', path, dest, syscall } = /** @type {NodeJS.ErrnoException & { dest?: string }} */ (error);
  if (!(error instanceof Error) || !Object.hasOwn(system, code)) return undefined;
  const [what, remedy] = system[code];
  return new Refusal(`${what} (${code}${syscall ? `, ${syscall}` : ''}${path ? ` ${dest ?? path}` : ''})`, remedy);
}

/**
 * Runs a command's main function: its result is the exit code, and a refusal is exit code 2.
 * @param {() => Promise<number>} main
 */
export async function command(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    const refusal = error instanceof Refusal ? error : systemRefusal(error);
    if (!refusal) throw error;
    console.error(refusal.message);
    process.exitCode = 2;
  }
}
