// GitLab's dump on its way into a container on every real engine of this machine, with PostgreSQL's programs played by a few lines.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectContainerFiles } from '../../main/adapters/engine/container-files.ts';
import { connectEngine } from '../../main/adapters/engine/connect.ts';
import { loadDump } from '../../main/apply/backup/load-dump.ts';
import type { LoadedDump } from '../../main/apply/backup/load-dump.ts';
import type { Engine } from '../../main/ports.ts';
import { countAbsentEngines } from './own-engines.ts';
import { openBench } from './port-suite.ts';
import type { Bench } from './port-suite.ts';
import { listRealEngines, silentLog, titleOf } from './real-engines.ts';

/** They refuse what PostgreSQL refuses: to run as root, and to read what is another's. */
const programs: Readonly<Record<string, string>> = {
  initdb: '[ "$(id -u)" = 65534 ] && mkdir data',
  pg_ctl: '[ -d data ] && echo started > server',
  postgres: 'exit 1',
  psql: `for word; do
  case $word in
    --file=*) cat "\${word#--file=}" > loaded || exit 1;;
    --command=SELECT*) cat loaded;;
  esac
done`,
};

const hosts = await listRealEngines();

for (const host of hosts) {
  describe(`a dump of GitLab on ${await titleOf(host)} at ${host}`, { timeout: 60_000 }, () => {
    let engine: Engine;
    let bench: Bench;
    let folder: string;

    beforeAll(async () => {
      engine = connectEngine({ host, log: silentLog });
      folder = await mkdtemp(join(tmpdir(), 'autogit-load-'));
      const written = Object.entries(programs).map(async ([name, script]) => {
        await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
        return join(folder, name);
      });
      const usual = ['id', 'mkdir', 'cat', 'basename', 'grep', 'chown'];
      bench = await openBench(engine, [...usual, ...(await Promise.all(written))]);
      await mkdir(join(folder, 'db'), { mode: 0o700 });
    }, 60_000);
    afterAll(async () => {
      await bench.clean();
      await rm(folder, { recursive: true, force: true });
    }, 60_000);

    const load = async (dump: string): Promise<LoadedDump> => {
      await writeFile(join(folder, 'db', 'database.sql.gz'), dump, { mode: 0o600 });
      return loadDump(
        {
          folder: join(folder, 'db'),
          image: bench.image,
          engine: () => engine,
          signal: AbortSignal.timeout(50_000),
        },
        {
          connectContainers: () => connectContainerFiles({ host, log: silentLog }),
          instance: bench.name('i'),
          log: silentLog,
        },
      );
    };

    it('is read by somebody without rights, and counted', async () => {
      expect(await load('12|3')).toEqual({ why: null, findings: [] });
    });

    it('is a finding, with the words, where nothing can be counted', async () => {
      const { why, findings } = await load('relation "projects" does not exist');
      expect(why).toBeNull();
      expect(findings.join()).toContain('relation "projects" does not exist');
    });
  });
}

countAbsentEngines();
