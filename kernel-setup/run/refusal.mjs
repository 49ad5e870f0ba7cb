/** What a command says when it will not start: one message with its remedy, and no stack trace. */

/** A wrong argument, or a place that cannot be used. `remedy` says what to do instead. */
export class Refusal extends Error {
  /** @param {string} message @param {string} [remedy] */
  constructor(message, remedy) {
    super(remedy ? `${message}\n  ${remedy}` : message);
  }
}

/**
 * Runs a command's main function: its result is the exit code, and a refusal is exit code 2.
 * @param {() => Promise<number>} main
 */
export async function command(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}
