// `autogit detect` and `doctor` as processes on this machine: without a home, without an engine, with an exit code.
import { execFile } from 'node:child_process';
import { access, chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { doctorSchema } from '../../../main/contract/requests/doctor.ts';
import { machineSchema } from '../../../main/model/machine.ts';

const program = path.resolve('main/cli/main.ts');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'autogit-machine-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number;
  readonly out: string;
}

/** With a socket at which nobody ever listens. */
function run(words: readonly string[], searched?: string): Promise<Ended> {
  const env = {
    ...process.env,
    ...(searched === undefined ? {} : { PATH: searched }),
    AUTOGIT_HOME: path.join(folder, 'home'),
    DOCKER_HOST: `unix://${path.join(folder, 'none.sock')}`,
  };
  const args = ['--disable-warning=ExperimentalWarning', program, ...words];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { env, maxBuffer: 8e6 }, (_, out) =>
      resolve({ code: child.exitCode ?? -1, out }),
    );
  });
}

describe('a machine without a home and without an engine', { timeout: 60_000 }, () => {
  it('is described, and gets no home by that', async () => {
    const { code, out } = await run(['detect', '--json']);
    const machine = machineSchema.parse(JSON.parse(out));
    expect([code, machine.engine]).toEqual([0, null]);
    expect(machine.reasons['engine']).toContain('none.sock');
    await expect(access(path.join(folder, 'home'))).rejects.toThrow();
  });

  it('is not healthy: the doctor ends with 1 and says what is missing', async () => {
    const { code, out } = await run(['doctor', '--area', 'hardware', '--json']);
    const doctor = doctorSchema.parse(JSON.parse(out));
    expect([code, doctor.healthy]).toEqual([1, false]);
    expect(doctor.findings[0]).toMatchObject({ key: 'host.no-engine', severity: 'error', area: 'hardware' });
  });

  it('has no other areas', async () => {
    expect((await run(['doctor', '--area', 'weather'])).code).toBe(2);
  });
});

describe.skipIf(process.platform !== 'linux')('a machine with hostile tools', { timeout: 60_000 }, () => {
  /** A program of that name, and nothing else on the `PATH` but what shells need. */
  async function program(name: string, script: string): Promise<void> {
    const file = path.join(folder, name);
    await writeFile(file, `#!/bin/sh\n${script}\n`);
    await chmod(file, 0o755);
  }

  it.each([
    ['hang', 'exec sleep 60'],
    ['flood', 'exec yes 1.0.0'],
    ['fail', 'exit 255'],
    ['print half and die', 'printf 2.2; kill -9 $$'],
  ])('that %s is described without what they would have said', async (_, script) => {
    await program('docker-compose', script);
    await program('ps', script);
    const { code, out } = await run(['detect', '--json'], `${folder}:${process.env['PATH'] ?? ''}`);
    const machine = machineSchema.parse(JSON.parse(out));
    expect(code).toBe(0);
    expect(machine.host.memory.totalBytes).toBeGreaterThan(0);
    expect(machine.host.cpu.threads).toBeGreaterThan(0);
    // The longest deadline of a part is 1.5 s; a machine at work may be ten times as slow.
    expect(machine.tookMs).toBeLessThan(15_000);
  });
});
