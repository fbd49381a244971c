// How the sandbox's program ends: each reason has a key and an exit status of its own, for whoever watches its
// container. docs/sandbox.md lists them.
import { z } from 'zod';
import { SandboxError } from './errors.ts';

const exits = [
  { key: 'sandbox.failed', status: 1 },
  { key: 'sandbox.wrong-environment', status: 2 },
  { key: 'sandbox.state-damaged', status: 10 },
  { key: 'sandbox.state-from-future', status: 11 },
  { key: 'sandbox.state-unwritable', status: 12 },
  { key: 'sandbox.no-space', status: 13 },
  { key: 'sandbox.state-locked', status: 14 },
  { key: 'sandbox.port-in-use', status: 15 },
] as const;

/** Why the program ends. */
export interface Exit {
  readonly key: (typeof exits)[number]['key'];
  readonly status: number;
  /** One sentence for people. */
  readonly message: string;
}

/** The environment variables that start the program are missing or out of range. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}

/** What an error that nobody handled means for the program. */
export function describeExit(error: unknown): Exit {
  const key = keyOf(error);
  const known = exits.find((one) => one.key === key) ?? exits[0];
  return { ...known, message: error instanceof Error ? error.message : String(error) };
}

function keyOf(error: unknown): string {
  if (error instanceof EnvironmentError) return 'sandbox.wrong-environment';
  if (error instanceof SandboxError) return error.key;
  const isListening = z.object({ syscall: z.literal('listen') }).safeParse(error).success;
  return isListening ? 'sandbox.port-in-use' : 'sandbox.failed';
}
