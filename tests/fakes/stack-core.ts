// Whole cores over fakes whose stack is made of AutoGit's own templates: opened by tests, closed after each of them.
import { afterEach, beforeAll } from 'vitest';
import { createTemplates } from '../../main/adapters/stack/templates.ts';
import type { TemplateSource } from '../../main/model/stack/template.ts';
import { closeLab, createWorld, openLab } from './fake-lab.ts';
import type { OpenLab, World } from './fake-lab.ts';

/** Of a stack in a lab of one machine. */
export const stackAnswers = {
  ...{ lab: 'lab', data: '/srv/lab', tls: { mode: 'local-ca' }, address: '192.168.1.10' },
  ...{ sso: 'off', dns: { mode: 'own' } },
};

const host = 'unix:///var/run/docker.sock';
/** What the engine says of itself. */
export const stackEngine = {
  host,
  info: { host, isHere: true, version: '27.0.0', memoryBytes: 16e9, cpus: 8 },
};

export interface StackCores {
  /** What is done after the test, too. */
  readonly ends: (() => Promise<void>)[];
  /** Does all of it now. */
  end(): Promise<void>;
  /** A machine without GitLab and pools. */
  makeWorld(): World;
  /** Closed after the test. */
  open(world: World, options?: { readonly act?: boolean }): Promise<OpenLab>;
}

/** For the tests of a file. */
export function useStackCores(): StackCores {
  let templates: readonly TemplateSource[] = [];
  beforeAll(async () => {
    templates = await createTemplates({ own: '/nowhere' }).read();
  });
  const ends: (() => Promise<void>)[] = [];
  const endAll = async (): Promise<void> => {
    for (const end of ends.splice(0)) await end();
  };
  afterEach(endAll);
  return {
    ends,
    end: endAll,
    makeWorld: () => createWorld({ templates, engine: stackEngine, gitlab: { kind: 'none' }, pools: [] }),
    open: async (world, { act = true } = {}) => {
      const core = await openLab(world, { act });
      ends.push(() => closeLab(world, core));
      return core;
    },
  };
}

/** Lets time go on until it is settled. */
export async function during<T>(world: World, work: Promise<T>): Promise<T> {
  let isSettled = false;
  const settled = work.finally(() => (isSettled = true));
  settled.catch(() => undefined);
  await world.clock.until(() => isSettled, 3_600_000);
  return settled;
}

/** Brings the stack up, as its plan says, with folders that its services fill. */
export async function bringUp(world: World, core: OpenLab, given: Readonly<Record<string, unknown>>) {
  const { plan } = await during(world, core.call('stack.plan', { answers: { ...given } }));
  const done = await during(world, core.call('stack.up', { answers: { ...given }, plan: plan?.hash }));
  for (const { path } of plan?.newFolders ?? [])
    world.stack.folder.looks.set(path, { exists: true, empty: false });
  return done;
}
