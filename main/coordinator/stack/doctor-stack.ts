// Looks for what would break a stack, or has: before an apply, when a person asks, and once a day.
import { checkBeforeUp, checkNames, checkStack, nameChecks, stackChecks } from '../../checks/stack/index.ts';
import type { StackSubject } from '../../checks/stack/check.ts';
import { takenPortsOf } from '../../checks/stack/ports.ts';
import type { Finding } from '../../checks/hardware/check.ts';
import { detectHost } from '../../detect/machine/detect-host.ts';
import { engineOf } from '../../detect/machine/engine.ts';
import type { Machine } from '../../model/machine.ts';
import type { RestartLook } from '../../model/stack/restarts.ts';
import type { RenderedStack, StackFacts, StackPresent } from '../../model/stack/stack.ts';
import type { StackLookContext } from './look-parts.ts';
import { lookAround, lookAtPortHolders } from './look-around.ts';
import type { LookedAt } from './look-around.ts';
import { stackEngine, stackFacts } from './stack-facts.ts';

/** The machine without its cards, which no stack asks about, and whose makers' tools are slow. */
async function machineOf(context: StackLookContext, { compose }: StackFacts): Promise<Machine> {
  const { probe, clock } = context;
  const startedAt = clock.monotonic();
  const [{ host, rootless }, asked] = await Promise.all([detectHost(probe, clock), stackEngine(context)]);
  const found = { found: compose !== null, version: compose?.version ?? null };
  return {
    at: clock.now(),
    tookMs: Math.round(clock.monotonic() - startedAt),
    ...{ host: host.value, rootless: rootless.value, gpus: [], issues: [], reasons: {} },
    engine: asked === null ? null : engineOf(asked.info, { value: found, reasons: {} }).value,
  };
}

async function subjectOf(context: StackLookContext, at: LookedAt, deep: boolean): Promise<StackSubject> {
  const { settings, clock } = context;
  const [machine, around] = await Promise.all([machineOf(context, at.facts), lookAround(context, at, deep)]);
  const { facts, stack, present } = at;
  return { machine, facts, around, stack, present, pools: settings.current().pools, now: clock.now() };
}

/** What whoever asks has looked at already: each look costs some small programs. */
export interface SeenBefore {
  readonly facts: StackFacts;
  readonly present: StackPresent | null;
}

/** What stands against bringing this stack up, or should be known before. Takes some seconds at most; never rejects. */
export async function findingsBeforeUp(
  context: StackLookContext,
  stack: RenderedStack,
  seen?: SeenBefore,
): Promise<readonly Finding[]> {
  const [facts, present] =
    seen === undefined
      ? await Promise.all([
          stackFacts(context, stack.lab),
          context.stackLook?.presentOf(stack).catch(() => null),
        ])
      : [seen.facts, seen.present];
  const at = { facts, stack, present: present ?? null, looks: [] };
  return checkBeforeUp(await subjectOf(context, at, false));
}

/** Ports of the stack that something else than this stack has, now. Never rejects. */
export async function takenPorts(
  context: StackLookContext,
  stack: RenderedStack,
): Promise<readonly { readonly port: number; readonly protocol: 'tcp' | 'udp'; readonly holder: string }[]> {
  const around = await lookAtPortHolders(context, stack);
  return takenPortsOf(stack, around).map(({ port: { port, protocol }, holder }) => ({
    port,
    protocol,
    holder,
  }));
}

export interface ExaminedStack {
  readonly findings: readonly Finding[];
  readonly checks: number;
  readonly unknown: readonly string[];
}

export interface Examination {
  readonly stack: ExaminedStack;
  readonly names: ExaminedStack;
}

const notKnown: readonly (readonly [string, (subject: StackSubject) => boolean])[] = [
  ['ports: /proc/net cannot be read', ({ stack, around }) => stack !== null && around.ports === null],
  ['containers: the engine does not answer', ({ around }) => around.containers === null],
  [
    'data: the file system of its folder is not known',
    ({ stack, around }) => stack !== null && around.dataMount === null,
  ],
  ['clock: only chrony tells how far it is off, and it is not here', ({ around }) => around.clock === null],
  ['address: this machine has no way out that would show it', ({ facts }) => facts.address === null],
];

/**
 * Everything about the stack that is or was up here, and its names. `looks`: earlier looks at restarts. Never rejects.
 */
export async function examineStack(
  context: StackLookContext,
  looks: readonly RestartLook[] = [],
): Promise<Examination> {
  const facts = await stackFacts(context);
  const found = (await context.stackLook?.present(facts).catch(() => null)) ?? null;
  const at: LookedAt = { facts, stack: found?.stack ?? null, present: found?.present ?? null, looks };
  const [subject, own] = await Promise.all([
    subjectOf(context, at, true),
    at.stack === null ? [] : (context.stackLook?.ownFindings?.(at.stack) ?? []),
  ]);
  const unknown = notKnown.flatMap(([sentence, holds]) => (holds(subject) ? [sentence] : []));
  return {
    stack: { findings: [...own, ...checkStack(subject)], checks: stackChecks.length + 1, unknown },
    names: { findings: checkNames(subject), checks: nameChecks.length, unknown: [] },
  };
}
