// The tables of the stack: its runs, the files and services that AutoGit knows, and which stack stands.
import { z } from 'zod';
import type { Log } from '../../log.ts';
import { stackAnswersSchema } from '../../model/stack/answers.ts';
import type { StackAnswers } from '../../model/stack/answers.ts';
import { signInRecordSchema } from '../../model/stack/sign-in-test.ts';
import { stackSteps } from '../../model/stack/stack.ts';
import type { StackRun } from '../../model/stack/stack.ts';
import type { FormerLab, StackJournal } from '../../stack-ports.ts';
import type { Database } from './database.ts';
import { jsonColumn, rowReader } from './rows.ts';

const wishSchema = z.object({
  files: z.record(z.string(), z.enum(['replace', 'keep'])),
  services: z.array(z.string()),
  deleteData: z.boolean(),
  withoutBackup: z.boolean().optional(),
});
const stepSchema = z.enum(stackSteps);
const failureSchema = z.object({
  step: stepSchema,
  key: z.string(),
  message: z.string(),
  next: z.string(),
});
const runSchema = z.object({
  id: z.int(),
  verb: z.enum(['up', 'down', 'restart', 'destroy']),
  answers: jsonColumn.pipe(stackAnswersSchema),
  wish: jsonColumn.pipe(wishSchema),
  startedAt: z.int(),
  endedAt: z.int().nullable(),
  outcome: z.string().nullable(),
  failure: jsonColumn.pipe(failureSchema).nullable(),
  restarts: jsonColumn.pipe(z.array(z.string())),
});
const stepsSchema = z.array(z.object({ step: stepSchema, startedAt: z.int(), endedAt: z.int().nullable() }));
/** Each answer that another version has written and this one does not read is as if it had not been given. */
const readableAnswersSchema = z.looseObject({}).transform((given, context): StackAnswers => {
  const whole = stackAnswersSchema.safeParse(given);
  if (whole.success) return whole.data;
  const { lab, data } = given;
  const least = { lab, data, tls: { mode: 'local-ca' } };
  const readable = Object.entries(given).filter(
    ([name, value]) => stackAnswersSchema.safeParse({ ...least, [name]: value }).success,
  );
  const found = stackAnswersSchema.safeParse({ ...least, ...Object.fromEntries(readable) });
  if (found.success) return found.data;
  context.addIssue('neither lab nor data can be read');
  return z.NEVER;
});
const standingSchema = z.object({
  answers: readableAnswersSchema,
  isUp: z.boolean(),
  isKept: z.boolean(),
  services: z.record(z.string(), z.string()),
  images: z.record(z.string(), z.string()).optional(),
  written: z.record(z.string(), z.string()).optional(),
  trust: z.object({ root: z.string().nullable(), served: z.string().nullable() }).optional(),
  isOutgrown: z.boolean().optional(),
});
const labsSchema = z.array(z.object({ lab: z.string(), data: z.string() }));
const filesSchema = z.array(z.object({ path: z.string(), hash: z.string() }));
const pathsSchema = z.array(z.object({ path: z.string() }));
const servicesSchema = z.array(z.object({ service: z.string(), hash: z.string() }));

type Runs = Pick<
  StackJournal,
  'begin' | 'open' | 'last' | 'stepBegan' | 'stepEnded' | 'failed' | 'setRestarts' | 'end'
>;
type Files = Pick<StackJournal, 'written' | 'writing' | 'unfinished' | 'wrote' | 'started' | 'setStarted'>;
type State = Pick<
  StackJournal,
  | 'current'
  | 'setCurrent'
  | 'former'
  | 'setFormer'
  | 'labs'
  | 'setLabs'
  | 'standing'
  | 'setStanding'
  | 'signInTests'
  | 'setSignInTests'
>;

/** The journal of stacks on an open, migrated database. */
export function stackIn(
  database: Database,
  log: Log | undefined,
): StackJournal & { readonly pruneRuns: (most: number) => void } {
  const dropRuns = database.prepare(
    `DELETE FROM stack_runs WHERE ended_at IS NOT NULL AND id NOT IN (
       SELECT id FROM stack_runs ORDER BY id DESC LIMIT @most)`,
  );
  return {
    ...runsIn(database, log),
    ...filesIn(database),
    ...stateIn(database, log),
    pruneRuns: (most) => void dropRuns.run({ most }),
  };
}

const runColumns = `id, verb, answers, wish, started_at AS startedAt, ended_at AS endedAt, outcome, failure, restarts`;

function runsIn(database: Database, log: Log | undefined): Runs {
  const reader = rowReader('stack_runs', runSchema, log);
  const insert = database.prepare(
    `INSERT INTO stack_runs (verb, answers, wish, started_at, restarts)
     VALUES (@verb, @answers, @wish, @at,
       coalesce((SELECT restarts FROM stack_runs ORDER BY id DESC LIMIT 1), '[]'))
     RETURNING id`,
  );
  const open = database.prepare(`SELECT ${runColumns} FROM stack_runs WHERE ended_at IS NULL`);
  const last = database.prepare(
    `SELECT ${runColumns} FROM stack_runs WHERE @verb IS NULL OR verb = @verb ORDER BY id DESC LIMIT 1`,
  );
  const interrupt = database.prepare(
    `UPDATE stack_runs SET ended_at = @at, outcome = 'interrupted' WHERE ended_at IS NULL`,
  );
  const steps = database.prepare(
    `SELECT step, started_at AS startedAt, ended_at AS endedAt FROM stack_steps WHERE run = @run`,
  );
  const stepBegan = database.prepare(
    `INSERT INTO stack_steps (run, step, started_at) VALUES (@run, @step, @at)
     ON CONFLICT DO UPDATE SET started_at = @at, ended_at = NULL`,
  );
  const stepEnded = database.prepare(
    'UPDATE stack_steps SET ended_at = @at WHERE run = @run AND step = @step',
  );
  const failed = database.prepare(
    'UPDATE stack_runs SET failure = coalesce(failure, @failure) WHERE id = @run',
  );
  const restarts = database.prepare('UPDATE stack_runs SET restarts = @restarts WHERE id = @run');
  const end = database.prepare('UPDATE stack_runs SET ended_at = @at, outcome = @outcome WHERE id = @run');
  const whole = (row: unknown): StackRun | null => {
    const read = reader.one(row);
    if (read === null) return null;
    const { failure, restarts: services, ...run } = read;
    const order = (step: (typeof stackSteps)[number]): number => stackSteps.indexOf(step);
    return {
      ...run,
      ...(failure === null ? {} : { failure }),
      ...(services.length === 0 ? {} : { restarts: services }),
      steps: stepsSchema.parse(steps.all({ run: run.id })).toSorted((a, b) => order(a.step) - order(b.step)),
    };
  };
  return {
    begin: ({ verb, answers, wish, at }) => {
      const row = { verb, answers: JSON.stringify(answers), wish: JSON.stringify(wish), at };
      // One that another version has left open, and that this one cannot read, would stand in the way for ever.
      return database.transaction(() => {
        interrupt.run({ at });
        return z.object({ id: z.int() }).parse(insert.get(row)).id;
      });
    },
    open: () => whole(open.get()),
    last: (verb) => whole(last.get({ verb: verb ?? null })),
    stepBegan: (run, step, at) => void stepBegan.run({ run, step, at }),
    stepEnded: (run, step, at) => void stepEnded.run({ run, step, at }),
    failed: (run, failure) => void failed.run({ run, failure: JSON.stringify(failure) }),
    setRestarts: (run, services) => void restarts.run({ run, restarts: JSON.stringify(services) }),
    end: (run, outcome, at) => void end.run({ run, outcome, at }),
  };
}

function filesIn(database: Database): Files {
  const written = database.prepare(
    'SELECT path, hash FROM stack_files WHERE lab = @lab AND hash IS NOT NULL',
  );
  const writing = database.prepare(
    `INSERT INTO stack_files (lab, path, writing) VALUES (@lab, @path, 1) ON CONFLICT DO UPDATE SET writing = 1`,
  );
  const unfinished = database.prepare('SELECT path FROM stack_files WHERE lab = @lab AND writing = 1');
  const wrote = database.prepare(
    `INSERT INTO stack_files (lab, path, hash) VALUES (@lab, @path, @hash)
     ON CONFLICT DO UPDATE SET hash = @hash, writing = 0`,
  );
  const removed = database.prepare('DELETE FROM stack_files WHERE lab = @lab AND path = @path');
  const started = database.prepare('SELECT service, hash FROM stack_services WHERE lab = @lab');
  const forget = database.prepare('DELETE FROM stack_services WHERE lab = @lab');
  const add = database.prepare('INSERT INTO stack_services VALUES (@lab, @service, @hash)');
  return {
    written: (lab) =>
      Object.fromEntries(filesSchema.parse(written.all({ lab })).map(({ path, hash }) => [path, hash])),
    writing: (lab, path) => void writing.run({ lab, path }),
    unfinished: (lab) => pathsSchema.parse(unfinished.all({ lab })).map(({ path }) => path),
    wrote: (lab, path, hash) => {
      if (hash === null) removed.run({ lab, path });
      else wrote.run({ lab, path, hash });
    },
    started: (lab) =>
      Object.fromEntries(
        servicesSchema.parse(started.all({ lab })).map(({ service, hash }) => [service, hash]),
      ),
    setStarted: (lab, services) =>
      database.transaction(() => {
        forget.run({ lab });
        for (const [service, hash] of Object.entries(services)) add.run({ lab, service, hash });
      }),
  };
}

function stateIn(database: Database, log: Log | undefined): State {
  const get = database.prepare('SELECT name AS id, value FROM stack_state WHERE name = @name');
  const put = database.prepare('INSERT OR REPLACE INTO stack_state VALUES (@name, @value)');
  const drop = database.prepare('DELETE FROM stack_state WHERE name = @name');
  const answers = rowReader('stack_state', z.object({ value: jsonColumn.pipe(readableAnswersSchema) }), log);
  const labs = rowReader('stack_state', z.object({ value: jsonColumn.pipe(labsSchema) }), log);
  const standing = rowReader('stack_state', z.object({ value: jsonColumn.pipe(standingSchema) }), log);
  const signIn = rowReader('stack_state', z.object({ value: jsonColumn.pipe(signInRecordSchema) }), log);
  const set = (name: string, value: object | null): void => {
    if (value === null) drop.run({ name });
    else put.run({ name, value: JSON.stringify(value) });
  };
  const labsUnder = (name: string): readonly FormerLab[] => labs.one(get.get({ name }))?.value ?? [];
  const setLabs = (name: string, value: readonly FormerLab[]): void =>
    set(name, value.length === 0 ? null : value);
  return {
    current: () => answers.one(get.get({ name: 'current' }))?.value ?? null,
    setCurrent: (value) => set('current', value),
    former: () => labsUnder('former'),
    setFormer: (value) => setLabs('former', value),
    labs: () => labsUnder('labs'),
    setLabs: (value) => setLabs('labs', value),
    standing: () => standing.one(get.get({ name: 'standing' }))?.value ?? null,
    setStanding: (value) => set('standing', value),
    signInTests: () => signIn.one(get.get({ name: 'sign-in' }))?.value ?? null,
    setSignInTests: (value) => set('sign-in', value),
  };
}
