// Proves GitLab's dump of its database: it is loaded into a PostgreSQL out of GitLab's own image, which nobody else sees, and asked.
import type { Engine } from '../../ports.ts';
import { messageOf } from '../../errors.ts';
import { containersOf, lastWords } from './context.ts';
import type { PartGround } from './context.ts';
import { withHelper } from './helper.ts';

/** Where it works in a container that is gone afterwards. */
const place = '/tmp/autogit-drill';
/** Nobody: PostgreSQL refuses to run as root, and wants to find who runs it among the image's users. */
const owner = { uid: 65_534, gid: 65_534 } as const;
const nobody = `${owner.uid}:${owner.gid}`;
/** A hundred gigabytes take hours. Milliseconds. */
const loadMs = 6 * 60 * 60_000;
/** There is no PostgreSQL in the image. */
const hasNone = 127;
/** At most so many errors are told. */
const mostErrors = 5;

/** Where GitLab's package has its programs: https://docs.gitlab.com/omnibus/settings/database/ */
const script = String.raw`
set -e
cd "$0"
for folder in /opt/gitlab/embedded/bin /opt/gitlab/embedded/postgresql/*/bin; do
  if [ -x "$folder/psql" ]; then PATH="$folder:$PATH"; fi
done
for program in initdb pg_ctl postgres psql; do command -v $program > said || exit ${hasNone}; done
export LC_ALL=C PGHOST="$PWD" PGUSER=gitlab
initdb --pgdata=data --username=gitlab --auth=trust --encoding=UTF8 --locale=C --no-sync > said 2>&1 || { cat said; exit 1; }
options="-c listen_addresses= -k $PWD -c fsync=off -c full_page_writes=off -c dynamic_shared_memory_type=mmap"
pg_ctl --pgdata=data --log=server --wait --timeout=300 --options="$options" start > said 2>&1 || { cat said server; exit 1; }
for dump in db/*.sql db/*.sql.gz; do
  if [ ! -f "$dump" ]; then continue; fi
  name=$(basename "$dump" .gz)
  psql --no-psqlrc --quiet --dbname=postgres --command="CREATE DATABASE \"$name\"" 2>&1
  # It is not compressed, whatever its name says.
  psql --no-psqlrc --quiet --dbname="$name" --file="$dump" > said 2> errors || echo "psql: ERROR: it ended with $?"
  grep -E '(ERROR|FATAL|PANIC): |connection to server was lost' errors || true
done
echo "rows: $(psql --no-psqlrc --tuples-only --no-align --dbname=database.sql \
  --command='SELECT (SELECT count(*) FROM projects), (SELECT count(*) FROM users)' 2>&1)"
`;

/** What GitLab's own restore does not count as errors either: lib/backup/targets/database.rb of GitLab. */
const harmless = /does not exist$|must be owner of/;
/** Says something of this machine, and nothing of the dump. */
const ofMachine =
  /no space left on device|out of memory|connection to server was lost|cannot allocate memory/i;

export interface LoadedDump {
  /** Why it could not be tried here, in words; `null`: it was loaded. */
  readonly why: string | null;
  /** What is wrong with it; none: it is whole. */
  readonly findings: readonly string[];
}

export type LoadGround = Pick<PartGround, 'connectContainers' | 'instance' | 'log'>;

export interface LoadWish {
  /** Absolute; the dumps in it, as GitLab leaves them in `db/`. */
  readonly folder: string;
  /** GitLab's; it is not pulled. */
  readonly image: string;
  /** Throws `engine.unreachable`. */
  readonly engine: () => Engine;
  readonly signal: AbortSignal;
}

/** Nothing of this machine is changed. Rejects with the signal's reason only. */
export async function loadDump(
  { folder, image, engine: find, signal }: LoadWish,
  ground: LoadGround,
): Promise<LoadedDump> {
  try {
    const engine = find();
    const containers = containersOf(engine, ground);
    if (!(await engine.hasImage(image))) return cannot('the image of that GitLab is not here');
    const spec = { image, entrypoint: ['sleep'], command: [String(loadMs / 1000)] };
    return await withHelper(spec, engine, ground, async (helper) => {
      await engine.startContainer(helper);
      await containers.put(helper, folder, `${place}/db`, owner, signal);
      await containers.exec(helper, ['chown', '-R', nobody, place], { deadlineMs: 60_000 }, signal);
      const command = ['sh', '-c', script, place];
      const options = { deadlineMs: loadMs, user: nobody };
      const { code, output } = await containers.exec(helper, command, options, signal);
      return judgeLoad(code, output);
    });
  } catch (error) {
    signal.throwIfAborted();
    ground.log.warn('a dump of GitLab could not be loaded for a drill', { error });
    return cannot(messageOf(error));
  }
}

/** What a load has said. */
export function judgeLoad(code: number, output: string): LoadedDump {
  if (code === hasNone) return cannot('the image of that GitLab has no PostgreSQL');
  if (code !== 0 || ofMachine.test(output)) return cannot(lastWords(output));
  const lines = output.split('\n');
  const errors = lines.filter((line) => /(?:ERROR|FATAL|PANIC): /.test(line) && !harmless.test(line));
  const [, rows = ''] = /^rows: (.*)$/m.exec(output) ?? [];
  return {
    why: null,
    findings: [
      ...errors.slice(0, mostErrors).map((line) => `the dump does not load: ${lastWords(line)}`),
      ...(/^\d+\|\d+$/.test(rows)
        ? []
        : [`the loaded database has no projects and users that could be counted: ${lastWords(rows)}`]),
    ],
  };
}

function cannot(why: string): LoadedDump {
  return { why, findings: [] };
}
