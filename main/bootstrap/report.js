// The bootstrap's lines on standard error: one calm line an item, a changing one while something takes time.

const labelWidth = 18;
const stateWidth = 16;

/** Without a terminal a long step says again that it goes on, this often. */
const againMs = 20_000;

const colours = { ok: 32, installed: 32, built: 32, missing: 31, failed: 31, 'would install': 33, error: 31 };

/**
 * @typedef {object} Report
 * @property {(label: string, state: keyof typeof colours, detail?: string) => void} line
 * @property {(label: string, doing?: string) => { say: (progress: string) => void, end: (state: 'installed' | 'built' | 'missing' | 'failed', detail?: string) => void }} begin
 *   a step that takes time, `installing` unless told otherwise; `end` adds how long it took
 * @property {(text: string) => void} note a sentence of its own
 * @property {(problem: import('./problem.js').BootstrapProblem) => void} problem three lines: key, what happened, next step
 */

/**
 * @param {{ write: (text: string) => unknown, isTTY?: boolean, columns?: number }} stream
 * @param {NodeJS.ProcessEnv} env
 * @returns {Report}
 */
export function createReport(stream, env) {
  const terminal = stream.isTTY === true && env['TERM'] !== 'dumb';
  const coloured = terminal && !env['NO_COLOR'];

  const writeState = (
    /** @type {string} */ label,
    /** @type {keyof typeof colours} */ state,
    /** @type {string} */ shown,
    /** @type {string} */ detail,
  ) => {
    const padded = shown.padEnd(stateWidth);
    const painted = coloured ? `\x1b[${colours[state]}m${padded}\x1b[0m` : padded;
    stream.write(`${label.padEnd(labelWidth)}${painted}${detail}`.trimEnd() + '\n');
  };

  /** @type {Report['begin']} */
  const begin = (label, doing = 'installing') => {
    const start = Date.now();
    const seconds = () => `${Math.max(1, Math.round((Date.now() - start) / 1000))} s`;
    let progress = '';
    const show = () => {
      const text = `${label.padEnd(labelWidth)}${`${doing} ${seconds()}`.padEnd(stateWidth)}${progress}`;
      if (terminal) stream.write(`\r\x1b[2K${text.slice(0, (stream.columns || 80) - 1)}`);
      else stream.write(`${text.trimEnd()}\n`);
    };
    show();
    const timer = setInterval(show, terminal ? 250 : againMs);
    return {
      say: (text) => {
        progress = text;
      },
      end: (state, detail = '') => {
        clearInterval(timer);
        if (terminal) stream.write('\r\x1b[2K');
        const took = state === 'installed' || state === 'built';
        const shown = took ? `${state} ${seconds()}` : state;
        writeState(label, state, shown, detail);
      },
    };
  };

  return {
    line: (label, state, detail = '') => writeState(label, state, state, detail),
    begin,
    note: (text) => stream.write(`${text}\n`),
    problem: ({ key, message, next }) => {
      stream.write(`\n${coloured ? `\x1b[31m${key}\x1b[0m` : key}\n${message}\nNext: ${next}\n`);
    },
  };
}
