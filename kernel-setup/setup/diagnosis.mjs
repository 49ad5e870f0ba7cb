/** What failed commands of the set-up printed, and what it most likely means. */
import { Refusal } from '../shared/refusal.mjs';

/** @typedef {{ message: string, remedy: string[] }} Diagnosis */

/** A pattern for any of these texts. @param {string[][]} texts */
const anyOf = (...texts) => new RegExp(texts.flat().join('|'), 'i');

/** @type {[pattern: RegExp, message: string, remedy: string[]][]} */
const known = [
  [
    /ENOSPC|No space left on device|EDQUOT|Disk quota exceeded/i,
    'the disk is full',
    ['free some space (the whole set-up takes 2.5 GB) and run the same command again'],
  ],
  [
    /failed to map segment from shared object/i,
    'native libraries may not be executed here',
    [
      'the file system is mounted noexec: clone the repository onto another one, or remount it with exec',
      'then run the same command again',
    ],
  ],
  [
    /EROFS|EACCES|EPERM|Permission denied|Read-only file system/i,
    'a file could not be written',
    ['make the repository folder writable for this user, or clone it elsewhere, and run the same command again'],
  ],
  [
    /CERTIFICATE_VERIFY_FAILED|SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET)_|certificate verify failed/i,
    'the certificate of a package index is not trusted here',
    ['name your certificate file in PIP_CERT (pip) and NODE_EXTRA_CA_CERTS (npm), and run the same command again'],
  ],
  [
    anyOf(
      // What npm writes.
      ['ENOTFOUND', 'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EAI_AGAIN', 'ENETUNREACH', 'socket hang up'],
      // What pip writes.
      ['connection broken by', 'Connection refused', 'NewConnectionError', 'ReadTimeoutError', 'ConnectTimeoutError'],
      ['ConnectionResetError', 'IncompleteRead', 'ProxyError', 'NameResolutionError', 'Max retries exceeded'],
    ),
    'a package index cannot be reached, or broke off',
    [
      'check the network and proxy; the index in use is shown by: ' +
        'npm config get registry (npm), python3 -m pip config list (pip)',
      'then run the same command again: what is already done is kept',
    ],
  ],
  [
    anyOf(
      ['THESE PACKAGES DO NOT MATCH THE HASHES', 'EINTEGRITY', 'Wheel .* is invalid'],
      ['BadZipFile', 'not a zip file', 'Bad CRC-32', 'while decompressing'],
    ),
    'a downloaded package is broken, or not the one that is pinned',
    ['run the same command again; if it repeats, the package index or a proxy alters files: use another index'],
  ],
  [
    /No matching distribution found|E404|ETARGET/,
    'the package index does not have a pinned package',
    [
      'use an index that mirrors all of the public one (PIP_INDEX_URL for pip, npm config set registry for npm), ' +
        'and run the same command again',
      'a Python package may be there but not for this Python: 3.10 to 3.14 are supported',
    ],
  ],
];

/**
 * The likely cause of a failed command, read from what it printed.
 * @param {string} output
 * @returns {Diagnosis | undefined}
 */
export function diagnose(output) {
  const found = known.find(([pattern]) => pattern.test(output));
  return found && { message: found[1], remedy: found[2] };
}

/**
 * The text shown for a failure of the set-up: the message, then its remedy.
 * @param {unknown} error @param {string} [what] what was under way
 */
export function failureText(error, what = 'set-up stopped') {
  const { message } = /** @type {Error} */ (error);
  const cause = error instanceof Refusal ? undefined : diagnose(message);
  return `${what}: ${cause ? new Refusal(`${cause.message} (${message})`, cause.remedy).message : message}`;
}
