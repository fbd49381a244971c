// The one error of the bootstrap: what happened, under a stable key, and the exact next step.

/** Stops the bootstrap. Every key is listed in docs/errors.md. */
export class BootstrapProblem extends Error {
  /**
   * @param {string} key stable, `bootstrap.<what>`
   * @param {string} message what happened and why, one sentence
   * @param {string} next the exact next step
   * @param {number} [exit] exit code: 1 it failed, 2 wrong usage, 3 the engine cannot be reached
   */
  constructor(key, message, next, exit = 1) {
    super(message);
    this.key = key;
    this.next = next;
    this.exit = exit;
  }
}
