// One call of a tool at a time, and none for a while after it hung: a driver that hangs must not fill the machine with tools.
import type { Probe, Ran } from '../../probe-port.ts';
import type { LeftTools } from './left-tools.ts';
import type { StartedProgram } from './run-program.ts';

/** After the first hang, doubled with each further one. Milliseconds. */
const firstRestMs = 10_000;
const longestRestMs = 600_000;

interface Tool {
  /** The end of the last call that was begun or waits. */
  last: Promise<unknown>;
  /** In a row. */
  hangs: number;
  /** By the clock of the options. */
  restsUntil: number;
}

export interface ToolQueueOptions {
  readonly start: (program: string, args: readonly string[], deadlineMs: number) => StartedProgram;
  /** Milliseconds of a clock that is never set. */
  readonly now: () => number;
  /** Of those that stay, too. */
  readonly left: LeftTools;
}

/**
 * Answers within the deadline and half a second, the wait for other calls included. Calls that ask the same at the same
 * time share one answer. A tool that hung, or whose process nobody can end, is not started: it answers `timeout` at once.
 * One that stays does not count as a call; only its end is waited for.
 */
export function createToolQueue({ start, now, left }: ToolQueueOptions): Probe['run'] {
  const tools = new Map<string, Tool>();
  const running = new Map<string, Promise<Ran>>();

  const begin = async (tool: Tool, program: string, args: readonly string[], deadlineMs: number) => {
    const { ran, gone } = start(program, args, deadlineMs);
    const answer = await ran;
    if (answer.outcome !== 'timeout') {
      tool.hangs = 0;
      return answer;
    }
    tool.restsUntil = now() + Math.min(longestRestMs, firstRestMs * 2 ** tool.hangs);
    tool.hangs += 1;
    left.add(program, Promise.resolve(), gone);
    return answer;
  };

  const enqueue = (program: string, args: readonly string[], deadlineMs: number): Promise<Ran> => {
    const tool = tools.get(program) ?? { last: Promise.resolve(), hangs: 0, restsUntil: 0 };
    tools.set(program, tool);
    const askedAt = now();
    const answer = tool.last.then(async () => {
      await left.settled(program);
      const isTooLate = now() - askedAt >= deadlineMs;
      const isResting = left.has(program) || (tool.hangs > 0 && now() < tool.restsUntil);
      return isTooLate || isResting ? timeout : begin(tool, program, args, deadlineMs);
    });
    tool.last = answer;
    return answer;
  };

  return (program, args, deadlineMs) => {
    const question = JSON.stringify([program, ...args]);
    const shared = running.get(question);
    if (shared !== undefined) return within(shared, deadlineMs);
    const answer = enqueue(program, args, deadlineMs).finally(() => running.delete(question));
    running.set(question, answer);
    return within(answer, deadlineMs);
  };
}

const timeout: Ran = { outcome: 'timeout' };

/** Half a second more than the deadline: the program's own end comes first, so that a late answer is not lost to a tie. */
const graceMs = 500;

function within(answer: Promise<Ran>, deadlineMs: number): Promise<Ran> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(timeout), deadlineMs + graceMs);
    void answer.then((ran) => {
      clearTimeout(timer);
      resolve(ran);
    });
  });
}
