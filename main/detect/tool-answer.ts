// What became of asking a tool, in words for what it would have told.
import type { Probe, Ran } from '../probe-port.ts';

export interface ToolAnswer {
  /** What it printed; `null`: it gave no answer. */
  readonly text: string | null;
  /** Why that which it would tell is not known. */
  readonly why: string;
}

/** Python tools with many cards need seconds. Milliseconds. */
const deadlineMs = 10_000;

/** Never rejects, and answers within its deadline. */
export async function askTool(probe: Probe, tool: string, args: readonly string[]): Promise<ToolAnswer> {
  const name = tool.split('/').at(-1) ?? tool;
  const ran = await probe.run(tool, args, deadlineMs);
  if (ran.outcome === 'ended' && ran.code === 0) return { text: ran.stdout, why: `${name} does not tell` };
  return { text: null, why: explain(name, ran) };
}

function explain(name: string, ran: Ran): string {
  switch (ran.outcome) {
    case 'missing':
      return `${name} is not installed`;
    case 'timeout':
      return `${name} does not answer`;
    case 'flood':
      return `${name} printed more than anything useful`;
    case 'failed':
      return `${name} could not be run, or died`;
    default:
      return `${name} ended with code ${ran.code}`;
  }
}
