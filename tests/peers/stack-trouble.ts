// One stack to make trouble for: its answers change, its command line is killed at a step, images of it are broken ones.
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { z } from 'zod';
import { doctorSchema } from '../../main/contract/requests/doctor.ts';
import type { StackUpPeer } from './peers.ts';
import { mountSmallDisk } from './small-disk.ts';
import type { SmallDisk } from './small-disk.ts';
import { imageContents } from './stack-images.ts';
import { openStackLab } from './stack-lab.ts';
import type { CliResult, StackLab } from './stack-lab.ts';
import type { ImageContents } from './stack-registry.ts';

export const patience = { timeout: 60_000, interval: 100 };
const atStep = new URL('stand-in/at-step.mjs', import.meta.url);
const kill = 'kill -KILL $PPID';
const problemSchema = z.object({
  error: z.object({ key: z.string(), message: z.string(), next: z.string() }),
});

/** What may be found of a machine that tests run on, whatever the stack does. */
const ofMachine = [
  'stack.memory-short',
  'stack.clock-off',
  'stack.firewall',
  'stack.other-proxy',
  'compose.old',
  // Tests take an address of the loopback.
  'names.address-of-itself',
];

type Environment = Readonly<Record<string, string>>;

export interface StackTrouble {
  readonly stack: StackLab;
  /** Of the test's own, beside home and data. */
  readonly folder: string;
  /** File of answers. */
  readonly file: string;
  /** On which the data is. */
  readonly disk: SmallDisk;
  inStack(...path: readonly string[]): string;
  /** Another answer each time, which changes the file of CoreDNS and nothing else; what then stands in it. */
  answer(): Promise<string>;
  upWell(...more: readonly string[]): Promise<void>;
  /** The error with which `up` ends. */
  upBadly(env?: Environment): Promise<z.infer<typeof problemSchema>['error']>;
  /** A program is run at one write of the journal, which stand-in/at-step.mjs names. */
  at(place: string, deed: string): Environment;
  /** The command line and the core in it are killed there. */
  upKilled(place: string): Promise<void>;
  /** Resolves when GitLab answers at its address. */
  answers(): Promise<void>;
  secrets(): Promise<Readonly<Record<string, string>>>;
  corefile(): Promise<string>;
  /** The program has another image for CoreDNS from now on; its reference. */
  coredns(change: Partial<ImageContents>): Promise<string>;
  doctor(area: string): Promise<z.infer<typeof doctorSchema>>;
  /** Key and subject of what is wrong, without what this machine has of its own. */
  found(area: string): Promise<readonly (readonly [string, string])[]>;
  verify(): Promise<CliResult>;
  close(): Promise<void>;
}

/** `lab`: its name, which no other test uses. */
export async function openStackTrouble(lab: string, programs: StackUpPeer): Promise<StackTrouble> {
  const folder = await mkdtemp(join(tmpdir(), 'autogit-stack-faults-'));
  const file = join(folder, 'answers.json');
  const disk = await mountSmallDisk(join(folder, 'disk'), join(folder, 'disk.img'));
  const stack = await openStackLab(lab, programs).catch(async (error: unknown) => {
    await disk.close();
    throw error;
  });
  return {
    ...{ stack, folder, file, disk },
    ...filesOf(stack, file, disk),
    ...runsOf(stack, file),
    ...looksAt(stack),
    coredns: (change) => provideCoredns(stack, programs, change),
    close: async () => {
      await stack.close().finally(() => disk.close());
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function inStackOf({ home, lab }: StackLab): StackTrouble['inStack'] {
  return (...path) => join(home, 'stack', lab, ...path);
}

function filesOf(
  stack: StackLab,
  file: string,
  disk: SmallDisk,
): Pick<StackTrouble, 'inStack' | 'answer' | 'secrets' | 'corefile'> {
  const inStack = inStackOf(stack);
  let upstream = 1;
  return {
    inStack,
    answer: async () => {
      upstream += 1;
      const dns = { mode: 'coredns', upstream: [`192.0.2.${upstream}`] };
      const data = join(disk.path, 'data');
      await writeFile(file, JSON.stringify({ ...stack.answers, sso: 'off', data, dns }));
      return `192.0.2.${upstream}`;
    },
    secrets: async () => {
      const names = await readdir(inStack('secrets')).catch(() => []);
      const read = (name: string): Promise<string> => readFile(inStack('secrets', name), 'utf8');
      return Object.fromEntries(
        await Promise.all(names.map(async (name) => [name, await read(name)] as const)),
      );
    },
    corefile: () => readFile(inStack('coredns', 'Corefile'), 'utf8'),
  };
}

function runsOf(stack: StackLab, file: string): Pick<StackTrouble, 'upWell' | 'upBadly' | 'at' | 'upKilled'> {
  const up = (env: Environment, ...more: readonly string[]): Promise<CliResult> =>
    stack.cli(['stack', 'up', '--answers', file, '--json', '--yes', ...more], { env });
  const at: StackTrouble['at'] = (place, deed) => ({
    NODE_OPTIONS: `--import ${atStep.href}`,
    ...{ AUTOGIT_TEST_AT: place, AUTOGIT_TEST_DO: deed },
  });
  return {
    at,
    upWell: async (...more) => {
      const { code, stdout, stderr } = await up({}, ...more);
      expect(code, stderr + stdout).toBe(0);
    },
    upBadly: async (env = {}) => {
      const { code, stdout, stderr } = await up(env);
      expect(code, stderr + stdout).toBe(1);
      return problemSchema.parse(JSON.parse(stdout)).error;
    },
    upKilled: async (place) => {
      const { code, stdout, stderr } = await up(at(place, kill));
      expect(code, `it was to be killed at ${place}: ${stderr}${stdout}`).toBe(-1);
    },
  };
}

function looksAt(stack: StackLab): Pick<StackTrouble, 'answers' | 'doctor' | 'found' | 'verify'> {
  const url = `https://gitlab.${stack.lab}.home.arpa:${stack.ports.https}/-/health`;
  const doctor: StackTrouble['doctor'] = async (area) => {
    const { stdout } = await stack.cli(['doctor', '--area', area, '--json'], { isNamed: true });
    return doctorSchema.parse(JSON.parse(stdout));
  };
  const isThere = async (): Promise<boolean> => {
    const root = inStackOf(stack)('ca.crt');
    const asked = stack.named('curl', ['--silent', '--fail', '--cacert', root, url]);
    return (await asked.catch(() => '')).includes('GitLab');
  };
  return {
    doctor,
    answers: async () => {
      await vi.waitUntil(isThere, patience);
    },
    found: async (area) =>
      (await doctor(area)).findings
        .filter(({ key, severity }) => severity !== 'info' && !ofMachine.includes(key))
        .map(({ key, subject }) => [key, subject] as const),
    verify: () => stack.cli(['names', 'verify', '--json'], { isNamed: true }),
  };
}

async function provideCoredns(
  stack: StackLab,
  programs: StackUpPeer,
  change: Partial<ImageContents>,
): Promise<string> {
  const contents = await imageContents('coredns/coredns', programs);
  const reference = await stack.registry.provide('coredns/coredns', '1.14.7', { ...contents, ...change });
  const manifest = stack.manifestOf('coredns');
  const text = await readFile(manifest, 'utf8');
  const named = `"reference": ${JSON.stringify(reference)}`;
  await writeFile(manifest, text.replace(/"reference": "[^"]*"/, named));
  return reference;
}
