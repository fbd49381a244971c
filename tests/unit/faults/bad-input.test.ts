// Every text, number and list that any request of the contract takes, filled with what nobody should send, through every
// door: each is answered, with a key where it is refused, and nothing of what is refused is applied.
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseSettings } from '../../../main/config/parse-settings.ts';
import { contract, requestNames } from '../../../main/contract/contract.ts';
import type { CallName } from '../../../main/contract/contract.ts';
import { fieldsOf, optionName } from '../../../main/contract/fields.ts';
import type { RequestField } from '../../../main/contract/fields.ts';
import { AutoGitError } from '../../../main/errors.ts';
import { connectCore } from '../../../main/serve/client.ts';
import { isCallName } from '../../../main/serve/routes.ts';
import { cli, freshEnv, overHttp, runningCore } from '../wrong/every-door.ts';
import type { Running } from '../wrong/every-door.ts';

const texts: readonly string[] = [
  'it\'s "quoted"',
  'a\nb',
  'a\r\nb: c',
  '$(reboot)',
  '`id`',
  '; rm -rf ~',
  '--yes',
  '../../etc/passwd',
  '\u202egnp.exe',
  '\u200b',
  '💥🦊',
  'a\u0000b',
  '\u001b[2J',
  '%s%n',
  '__proto__',
  'x'.repeat(65_536),
  '',
  '   ',
  'Default',
];
const numbers: readonly unknown[] = [
  ...[-1, -0.5, 1.5, 1e308, 2 ** 53, -(2 ** 53), 1_000_000_000_000],
  ...['NaN', 'Infinity', '-Infinity', '0x10', '1e400', '12abc', '', ' 7 ', [1], { a: 1 }, true],
];
const lists: readonly unknown[] = [
  ...texts.map((text) => [text]),
  Array.from({ length: 10_000 }, (_, index) => `t${index}`),
  [[['deep']]],
  [1, 2],
  [null],
  'not a list',
];

interface Probe {
  readonly name: CallName;
  readonly field: RequestField;
  readonly value: unknown;
}

/** What requires the other fields to be given. */
function baseOf(name: CallName): Record<string, unknown> {
  const required = fieldsOf(contract[name].input).filter((field) => field.required);
  return Object.fromEntries(
    required.map(({ name: field, type }) => [field, type === 'text' ? 'default' : 1]),
  );
}

function valuesFor(field: RequestField): readonly unknown[] {
  if (field.type === 'list') return lists;
  if (field.type === 'text') return [...texts, 7, null, ['a'], { a: 'b' }];
  return field.type === 'boolean' ? ['yes', 1, null] : numbers;
}

/** The settings of a pool are the same fields, read by the same schema, in `pool.add` and in these. */
const likeAdd: readonly CallName[] = ['pool.set', 'pool.simulate'];

function ownFields(name: CallName): readonly RequestField[] {
  const fields = fieldsOf(contract[name].input);
  const ofAdd = fieldsOf(contract['pool.add'].input).map((field) => field.name);
  return likeAdd.includes(name)
    ? fields.filter((field) => ['name', 'tags', 'max'].includes(field.name) || !ofAdd.includes(field.name))
    : fields;
}

const probes: readonly Probe[] = requestNames
  .filter(isCallName)
  .flatMap((name) =>
    ownFields(name).flatMap((field) => valuesFor(field).map((value): Probe => ({ name, field, value }))),
  );

function mayWrite({ name }: Probe): boolean {
  return name.startsWith('pool.') && !['pool.ready', 'pool.simulate'].includes(name);
}

/** No probe is meant to be carried out but those that write settings: they are what could be half-applied. */
function inputOf(probe: Probe): Record<string, unknown> {
  const { name, field, value } = probe;
  const fields = fieldsOf(contract[name].input).map((known) => known.name);
  return {
    ...baseOf(name),
    ...(fields.includes('dryRun') && !mayWrite(probe) ? { dryRun: true } : {}),
    ...(name === 'pool.add' && field.name !== 'name' ? { name: 'added' } : {}),
    [field.name]: value,
  };
}

const keyed = /^(?!internal\.)[a-z]+(?:\.[a-z-]+)+$/;
/** `taken`, or the key of the refusal. */
type Verdict = string;

async function verdictOf(call: () => Promise<unknown>): Promise<Verdict> {
  try {
    await call();
    return 'taken';
  } catch (error) {
    return error instanceof AutoGitError ? error.key : `no key: ${String(error)}`;
  }
}

async function overHttpVerdict(running: Running, { name }: Probe, input: unknown): Promise<Verdict> {
  const { status, said } = await overHttp(running, name, input);
  if (said.ok) return 'taken';
  expect(status, `${name} answers a refusal with`).toBeGreaterThanOrEqual(400);
  return said.error.key;
}

/** The file as it is, which has to be whole whatever was asked. */
async function settingsOf({ core }: Running): Promise<string> {
  return readFile(core.paths.settings, 'utf8').catch(() => '');
}

async function openHome(): Promise<Running> {
  const running = await runningCore(freshEnv());
  await running.core.through('cli').call('pool.set', { name: 'default', priority: 1 });
  return running;
}

function wordOf(value: unknown): string {
  return typeof value === 'string' ? value : z.string().catch('default').parse(JSON.stringify(value));
}

function show({ name, field, value }: Probe): string {
  const text =
    typeof value === 'string' ? JSON.stringify(value) : z.string().catch('?').parse(JSON.stringify(value));
  return `${name} ${field.name}=${text.slice(0, 40)}`;
}

interface Found {
  readonly probe: Probe;
  readonly socket: Verdict;
  readonly http: Verdict;
}

/** Refusals without a key, and doors that do not agree. */
function wrongIn({ probe, socket, http }: Found): readonly string[] {
  const isSame = socket === http || (socket === 'taken' && /\.(?:exists|unknown)$/.test(http));
  return [
    ...[socket, http]
      .filter((verdict) => verdict !== 'taken' && !keyed.test(verdict))
      .map((verdict) => `${show(probe)}: ${verdict}`),
    ...(isSame ? [] : [`${show(probe)}: ${socket} on the socket, ${http} over HTTP`]),
  ];
}

/** Requests under way at a time. */
const atOnce = 16;

describe('what nobody should send', { timeout: 300_000 }, () => {
  it('is asked of every field that there is', () => {
    expect(probes.length).toBeGreaterThan(500);
    expect(new Set(probes.map(({ name }) => name)).size).toBeGreaterThan(20);
  });

  it('to the socket and over HTTP is answered alike, with a key, and leaves a whole settings file', async () => {
    const running = await openHome();
    const door = connectCore(running.socket);
    const wrong: string[] = [];
    for (const probe of probes.filter(mayWrite)) {
      const input = inputOf(probe);
      const before = await settingsOf(running);
      const socket = await verdictOf(() => door.call(probe.name, input));
      const between = await settingsOf(running);
      const http = await overHttpVerdict(running, probe, input);
      const after = await settingsOf(running);
      wrong.push(...wrongIn({ probe, socket, http }));
      if (socket !== 'taken' && before !== between)
        wrong.push(`${show(probe)}: ${socket}, and the file changed`);
      if (http !== 'taken' && between !== after) wrong.push(`${show(probe)}: ${http}, and the file changed`);
      if (after !== before) {
        const { problems } = parseSettings(after);
        if (problems.length > 0) wrong.push(`${show(probe)}: taken, and the file is broken by it`);
      }
      if (probe.name === 'pool.add' && (socket === 'taken' || http === 'taken'))
        for (const { name } of (await door.call('settings.show', {})).settings['pools'] as { name: string }[])
          if (name !== 'default') await door.call('pool.remove', { name });
    }
    // What writes nothing may be asked at once: some of it looks at the machine for seconds before it answers.
    const others = probes.filter((probe) => !mayWrite(probe));
    const before = await settingsOf(running);
    for (let at = 0; at < others.length; at += atOnce) {
      const asked = others.slice(at, at + atOnce);
      const found = await Promise.all(
        asked.map(async (probe) => {
          const input = inputOf(probe);
          const [socket, http] = await Promise.all([
            verdictOf(() => door.call(probe.name, input)),
            overHttpVerdict(running, probe, input),
          ]);
          return { probe, socket, http };
        }),
      );
      wrong.push(...found.flatMap(wrongIn));
      expect(await settingsOf(running), `settings after ${asked.map(show).join(', ')}`).toBe(before);
    }
    expect(wrong).toEqual([]);
  });

  it('as words of the command line is answered with a key and an exit code, and changes nothing', async () => {
    const running = await openHome();
    const before = await settingsOf(running);
    const wrong: string[] = [];
    const typed = probes
      .filter(
        ({ name, field, value }) =>
          (typeof value === 'string' || typeof value === 'number') &&
          String(value).length < 10_000 &&
          !String(value).includes('\0') &&
          fieldsOf(contract[name].input).some((known) => known.name === 'dryRun') &&
          field.type !== 'boolean',
        // A process has to parse them all: every third does.
      )
      .filter((_, index) => index % 3 === 0);
    const codes = new Set<number>();
    expect(typed.length).toBeGreaterThan(100);
    for (const probe of typed) {
      const positional = contract[probe.name].cli.positional ?? [];
      const base: Record<string, unknown> = { ...inputOf(probe), dryRun: undefined };
      const places = positional.map((field) => wordOf(base[field]));
      const options = Object.entries(base).flatMap(([field, value]) =>
        value === undefined || positional.includes(field) ? [] : [`--${optionName(field)}=${wordOf(value)}`],
      );
      const words = [...contract[probe.name].cli.path, ...places, ...options, '--dry-run', '--json'];
      const { code, out } = await cli(running.env, words);
      const answer = z
        .object({ error: z.object({ key: z.string() }).optional() })
        .safeParse(code === 0 ? {} : JSON.parse(out));
      codes.add(code);
      const key = answer.data?.error?.key ?? '';
      if (code !== 0 && (!keyed.test(key) || ![1, 2, 3, 4].includes(code)))
        wrong.push(`${show(probe)}: ended with ${code}, ${out.slice(0, 200)}`);
      if ((await settingsOf(running)) !== before) wrong.push(`${show(probe)}: a dry run wrote settings`);
    }
    expect(wrong).toEqual([]);
    // Some are honest: quotes and emoji may be tags.
    expect(codes).toEqual(new Set([0, 1, 2, 3]));
  });

  it('names that differ by case and limits the wrong way round are refused at every door', async () => {
    const running = await openHome();
    const before = await settingsOf(running);
    const door = connectCore(running.socket);
    const refused = [
      ['pool.add', { name: 'Default' }],
      ['pool.add', { name: 'default' }],
      ['pool.set', { name: 'DEFAULT', max: 1 }],
      ['pool.set', { name: 'default', min: 5, max: 2 }],
      ['pool.add', { name: 'odd', min: 2, max: 1 }],
      ['pool.add', { name: 'odd', max: 4, min: 5 }],
    ] as const;
    for (const [name, input] of refused) {
      expect(await verdictOf(() => door.call(name, input))).toMatch(keyed);
      expect(await settingsOf(running)).toBe(before);
    }
  });
});
