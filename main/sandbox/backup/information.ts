// What a copy of the state says about itself: version and numbers, in a file named and written as GitLab's own.
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { artifactSchema, projectSchema } from '../state.ts';
import { gitlabVersion } from '../version.ts';
import { maybeTimestamp } from '../state-fields.ts';
import type { Artifact, Project } from '../state.ts';

/** As GitLab names it: its tools know a backup that is no archive by it. */
export const informationName = 'backup_information.yml';

/** What of a copied database decides which files belong to it. */
export interface CopiedState {
  readonly projects: readonly Pick<Project, 'id'>[];
  readonly artifacts: readonly Pick<Artifact, 'id'>[];
  readonly jobs: readonly {
    readonly id: number;
    /** Nothing is written to its trace any more. */
    readonly isOver: boolean;
  }[];
  /** How many there are, by what people call them. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Kinds of entities whose numbers are told; what comes and goes by itself is not. */
const counted: Readonly<Record<string, string>> = {
  project: 'projects',
  user: 'users',
  namespace: 'namespaces',
  ssh_key: 'keys',
  personal_access_token: 'tokens',
  member: 'members',
  hook: 'hooks',
  project_variable: 'variables',
  instance_variable: 'instance_variables',
  protected_branch: 'protected_branches',
  runner: 'runners',
  pipeline: 'pipelines',
  job: 'jobs',
  artifact: 'artifacts',
};

const endSchema = z.object({ finishedAt: maybeTimestamp });
const rowSchema = z.object({ id: z.number(), json: z.string() });

/** Reads a copied database and makes one plain file of it. Raises what SQLite says of one that is not whole. */
export function readCopy(path: string): CopiedState {
  const database = new DatabaseSync(path);
  try {
    // Without its journal's own files it can be copied anywhere; the sandbox turns the journal on again.
    database.exec('PRAGMA journal_mode=DELETE');
    const verdict = z
      .object({ quick_check: z.string() })
      .parse(database.prepare('PRAGMA quick_check(1)').get());
    if (verdict.quick_check !== 'ok')
      throw new Error(`the copy of the database is damaged: ${verdict.quick_check}`);
    const rows = database.prepare('SELECT id, json FROM entity WHERE kind = ? ORDER BY id');
    const of = (kind: string): readonly z.infer<typeof rowSchema>[] =>
      z.array(rowSchema).parse(rows.all(kind));
    const numbers = database.prepare('SELECT kind, count(*) AS number FROM entity GROUP BY kind').all();
    return {
      projects: of('project').map(({ json }) => projectSchema.parse(JSON.parse(json))),
      artifacts: of('artifact').map(({ json }) => artifactSchema.parse(JSON.parse(json))),
      jobs: of('job').map(({ id, json }) => ({
        id,
        isOver: endSchema.parse(JSON.parse(json)).finishedAt !== null,
      })),
      counts: countsOf(z.array(z.object({ kind: z.string(), number: z.number() })).parse(numbers)),
    };
  } finally {
    database.close();
  }
}

function countsOf(
  numbers: readonly { readonly kind: string; readonly number: number }[],
): Readonly<Record<string, number>> {
  const known = new Map(numbers.map(({ kind, number }) => [kind, number]));
  return Object.fromEntries(Object.entries(counted).map(([kind, name]) => [name, known.get(kind) ?? 0]));
}

/** The text of `backup_information.yml`: GitLab's own names, and what the sandbox counts. */
export function renderInformation(at: Date, counts: Readonly<Record<string, number>>): string {
  return [
    '---',
    ':db_version: sandbox',
    `:backup_created_at: ${at.toISOString()}`,
    `:gitlab_version: ${gitlabVersion.text}`,
    ':installation_type: autogit-sandbox',
    ':skipped: tar',
    ':counts:',
    ...Object.entries(counts).map(([name, number]) => `  ${name}: ${number}`),
    '',
  ].join('\n');
}
