// The doctor's daily look at a stack that is up, and a look at its restarts every ten minutes.
import type { Finding } from '../../checks/hardware/check.ts';
import type { Log } from '../../log.ts';
import type { Issue } from '../../model/issue.ts';
import { lookAtRestarts, mostRestarts, rememberLook, restartsInHour } from '../../model/stack/restarts.ts';
import type { RestartLook } from '../../model/stack/restarts.ts';
import { examineStack } from './doctor-stack.ts';
import { countedContainers, neighboursOf } from './look-around.ts';
import type { StackLookContext } from './look-parts.ts';
import { stackEngine } from './stack-facts.ts';

/** Of looks at restarts; what was found is looked at again as often, so that it vanishes once it is mended. Milliseconds. */
export const roundMs = 600_000;
/** Milliseconds. */
export const dailyMs = 86_400_000;
/** After a start of the machine everything else starts, too. Milliseconds. */
const firstMs = 300_000;

export interface DoctorWatch {
  start(): void;
  /** What was found last, without mere remarks. */
  issues(): readonly Issue[];
  /** Looks at restarts within the last hour, oldest first. */
  looks(): readonly RestartLook[];
  stop(): Promise<void>;
}

export interface DoctorWatchOptions {
  readonly context: () => StackLookContext;
  readonly log: Log;
  /** Issues have come or gone. */
  readonly onChange: () => void;
}

function issueOf({ key, severity, subject, message, next }: Finding): Issue {
  return { key, severity, subject, message, next };
}

interface Memory {
  looks: readonly RestartLook[];
  issues: readonly Issue[];
  /** By the monotonic clock; `null`: not yet. */
  examinedAt: number | null;
}

/** Adds a look; true: something is being restarted again and again. Rejects like the engine. */
async function lookOnce(context: StackLookContext, lab: string, memory: Memory): Promise<boolean> {
  const asked = await stackEngine(context);
  if (asked === null) return false;
  const { engine } = asked;
  const all = await neighboursOf(engine);
  const own = all.filter(({ isOfStack, project }) => isOfStack && project === `autogit-${lab}`);
  const counted = await countedContainers(engine, own);
  const now = context.clock.now();
  const storms = Object.values(restartsInHour(counted, memory.looks, now));
  memory.looks = rememberLook(memory.looks, lookAtRestarts(counted, now));
  return storms.some((count) => count > mostRestarts);
}

/** One round. Rejects like the engine. */
async function goRound(context: StackLookContext, memory: Memory): Promise<void> {
  const lab = context.stackLook?.journal.current()?.lab;
  if (lab === undefined) {
    Object.assign(memory, { looks: [], issues: [], examinedAt: null });
    return;
  }
  const isStorm = await lookOnce(context, lab, memory);
  const now = context.clock.monotonic();
  const isDue = memory.examinedAt === null || now - memory.examinedAt >= dailyMs;
  if (!isDue && !isStorm && memory.issues.length === 0) return;
  memory.examinedAt = isDue ? now : memory.examinedAt;
  const { stack, names } = await examineStack(context, memory.looks);
  memory.issues = [...stack.findings, ...names.findings]
    .filter(({ severity }) => severity !== 'info')
    .map(issueOf);
}

/** Nothing runs before `start`. Without a stack a round costs one read of the store. */
export function createDoctorWatch({ context, log, onChange }: DoctorWatchOptions): DoctorWatch {
  const stopping = new AbortController();
  const memory: Memory = { looks: [], issues: [], examinedAt: null };
  let loop: Promise<void> = Promise.resolve();
  const keepLooking = async (): Promise<void> => {
    const { clock } = context();
    const { signal } = stopping;
    await clock.sleep(firstMs, signal);
    while (!signal.aborted) {
      const before = JSON.stringify(memory.issues);
      try {
        await goRound(context(), memory);
      } catch (error) {
        log.warn('the stack could not be looked at', { error });
      }
      if (JSON.stringify(memory.issues) !== before) onChange();
      await clock.sleep(roundMs, signal);
    }
  };
  return {
    start: () => {
      loop = keepLooking();
    },
    issues: () => memory.issues,
    looks: () => memory.looks,
    stop: async () => {
      stopping.abort();
      await loop;
    },
  };
}
