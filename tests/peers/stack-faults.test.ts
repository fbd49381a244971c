// What goes wrong while a stack comes up, on the machine's Docker: kills, a silent registry, full disks, ill services, torn files.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createStackImages } from '../../main/adapters/engine/stack-images.ts';
import { stackSteps } from '../../main/model/stack/stack.ts';
import type { PullState } from '../../main/model/stack/stack.ts';
import { silentLog } from '../fakes/silent-log.ts';
import { describeWithPeer, findStackUpPeer } from './peers.ts';
import { moveOnto } from './small-disk.ts';
import { base } from './stack-images.ts';
import type { StackLab } from './stack-lab.ts';
import { openStackTrouble, patience } from './stack-trouble.ts';
import type { StackTrouble } from './stack-trouble.ts';

const run = promisify(execFile);
const peer = await findStackUpPeer();
const lab = `t${randomBytes(3).toString('hex')}`;

describeWithPeer('a stack that something goes wrong with', peer, (programs) => {
  let trouble: StackTrouble;
  let stack: StackLab;

  beforeAll(async () => {
    trouble = await openStackTrouble(lab, programs());
    ({ stack } = trouble);
    await trouble.answer();
  });
  afterAll(() => trouble.close());

  it('comes up for the first time though it was killed in each of its steps', async () => {
    let before = {};
    for (const step of stackSteps) {
      await trouble.upKilled(`${step}:began`);
      const now = await trouble.secrets();
      expect(now, `secrets after ${step}`).toMatchObject(before);
      before = now;
    }
    await trouble.upWell();
    expect(await trouble.secrets()).toEqual(before);
    await trouble.answers();
  });

  it.each(['files', 'start', 'configure'] as const)(
    'goes on after a kill at the end of the step %s',
    async (step) => {
      const [before, known] = [await stack.containers(), await trouble.secrets()];
      const wanted = await trouble.answer();
      await trouble.upKilled(`${step}:ended`);
      await trouble.answers();
      await trouble.upWell();
      expect(await trouble.corefile()).toContain(wanted);
      expect(await trouble.secrets()).toEqual(known);
      await trouble.answers();
      const { coredns: anew, ...others } = await stack.containers();
      const { coredns: old, ...stayed } = before;
      expect(others).toEqual(stayed);
      expect(anew?.id).not.toBe(old?.id);
    },
  );

  it('is looked at by the doctor, who finds nothing wrong but what is of this machine', async () => {
    await trouble.upWell();
    expect(await trouble.found('stack')).toEqual([]);
    expect(await trouble.found('names')).toEqual([]);
    const { code, stdout } = await trouble.verify();
    expect(code, stdout).toBe(0);
  });

  it('has a name server that has ended found by doctor and `names verify`, and brought back as they say', async () => {
    await stack.docker('stop', (await stack.containers())['coredns']?.id ?? '');
    expect(await trouble.found('stack')).toEqual([['stack.service-unhealthy', 'coredns']]);
    expect((await trouble.found('names')).map(([key]) => key)).toContain('names.lab-server-wrong');
    const { code, stdout } = await trouble.verify();
    expect(code).toBe(1);
    expect(stdout).toContain('no-answer');
    const [finding] = (await trouble.doctor('stack')).findings;
    expect(finding?.next).toContain('autogit stack restart coredns');
    expect((await stack.cli(['stack', 'restart', 'coredns', '--json'])).code).toBe(0);
    expect(await trouble.found('stack')).toEqual([]);
    expect((await trouble.verify()).code).toBe(0);
  });

  it('has a record that leads elsewhere found, and the file that was changed for it', async () => {
    const path = trouble.inStack('coredns', 'Corefile');
    const ours = await trouble.corefile();
    await writeFile(path, ours.replaceAll(stack.address, '127.9.9.9'));
    await stack.docker('restart', (await stack.containers())['coredns']?.id ?? '');
    try {
      expect(await trouble.found('stack')).toEqual([['stack.file-edited', 'coredns/Corefile']]);
      const { findings } = await trouble.doctor('names');
      const wrong = findings.filter(({ key }) => key === 'names.lab-server-wrong');
      expect(wrong[0]?.evidence).toEqual([expect.stringContaining('127.9.9.9')]);
      expect(wrong[0]?.next).toContain('autogit stack up --replace coredns/Corefile');
      const { code, stdout } = await trouble.verify();
      expect(code).toBe(1);
      expect(stdout).toContain('wrong-address');
    } finally {
      await trouble.upWell('--replace', 'coredns/Corefile');
    }
    expect(await trouble.found('stack')).toEqual([]);
    expect((await trouble.verify()).code).toBe(0);
  });

  it('has a service found that ends again and again, though it runs at the moment', async () => {
    const { id = '' } = (await stack.containers())['coredns'] ?? {};
    const format = '{{.State.Pid}} {{.RestartCount}}';
    for (let ends = 0; ends < 6; ends += 1) {
      const running = async (): Promise<number> => {
        const [pid = '', count = ''] = (await stack.docker('inspect', '--format', format, id)).split(' ');
        return count === String(ends) ? Number(pid) : 0;
      };
      process.kill(await vi.waitUntil(running, patience), 'SIGKILL');
    }
    const again = async (): Promise<boolean> =>
      (await stack.docker('inspect', '--format', '{{.RestartCount}} {{.State.Status}}', id)) === '6 running';
    await vi.waitUntil(again, patience);
    expect(await trouble.found('stack')).toEqual([['stack.restart-storm', 'coredns']]);
    expect((await stack.cli(['stack', 'logs', 'coredns'])).code).toBe(0);
    await stack.docker('rm', '--force', id);
    expect(await trouble.found('stack')).toEqual([['stack.service-missing', 'coredns']]);
    await trouble.upWell();
    expect(await trouble.found('stack')).toEqual([]);
  });

  it('has a secret that others may read found, and closed by what is said there', async () => {
    await chmod(trouble.inStack('secrets', 'gitlab-root-password'), 0o644);
    const { findings } = await trouble.doctor('stack');
    const open = findings.find(({ key }) => key === 'stack.secret-open');
    expect(open?.next).toContain('chmod 600');
    await run('sh', ['-c', /chmod 600 .*/.exec(open?.next ?? '')?.[0] ?? 'false']);
    expect(await trouble.found('stack')).toEqual([]);
  });

  it('serves on while a registry is silent in the middle of an image, says so, and goes on when it speaks again', async () => {
    const images = createStackImages({
      engine: () => 'unix:///var/run/docker.sock',
      surroundings: { variables: {}, home: '/nowhere', uid: 0 },
      ...{ log: silentLog, stallMs: 2_000 },
    });
    const wanted = await trouble.answer();
    const reference = await trouble.coredns({ texts: { another: '1' } });
    const states: PullState[] = [];
    const stalled = stack.registry.line.stallAfter(1_000_000);
    const alone = images.pull(reference, (state) => states.push(state), new AbortController().signal);
    await expect(alone).rejects.toMatchObject({ key: 'engine.pull-stalled', retry: true });
    await stalled;
    expect(states.at(-1)).toMatchObject({ done: false });

    const pulling = stack.start(['stack', 'up', '--answers', trouble.file, '--json', '--yes']);
    let said = '';
    pulling.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
    const ended = new Promise((resolve) => pulling.once('close', resolve));
    try {
      await vi.waitUntil(() => said.includes('Pulling'), patience);
      await trouble.answers();
    } finally {
      pulling.kill('SIGINT');
      await ended;
      stack.registry.line.flow();
    }
    expect(await ended).toBe(130);
    expect(said).toContain('It goes on with the next autogit stack up.');
    await trouble.answers();

    await trouble.upWell();
    expect(await trouble.corefile()).toContain(wanted);
    expect(await stack.docker('ps', '--no-trunc', '--format', '{{.Image}}')).toContain(reference);
    await trouble.answers();
  });

  it('gives its place back to the stack that stood when a service ends at once, and says what it printed', async () => {
    const before = await trouble.corefile();
    await trouble.answer();
    const manifest = await readFile(stack.manifestOf('coredns'), 'utf8');
    const fatal = 'ENTRYPOINT ["sh", "-c", "echo fatal: the zone cannot be read; exit 3"]';
    await trouble.coredns({ from: base, lines: ['ENV PATH=/usr/local/bin:/usr/bin:/bin', fatal] });
    const { key, message, next } = await trouble.upBadly();
    expect({ key, message }).toEqual({
      key: 'stack.unhealthy',
      message: expect.stringMatching(
        /^coredns does not stay up: .*It said: fatal: the zone cannot be read/,
      ) as string,
    });
    expect(next).toContain('autogit stack logs coredns');
    expect(await trouble.corefile()).toBe(before);
    await trouble.answers();
    await writeFile(stack.manifestOf('coredns'), manifest);
    await trouble.upWell();
    await trouble.answers();
  });

  it('has the words of Compose when that ends with 1, and goes on around what is in its way', async () => {
    const name = `autogit-${lab}_edge`;
    const format = '{{(index .IPAM.Config 0).Subnet}}';
    const subnet = await stack.docker('network', 'inspect', '--format', format, name);
    expect((await stack.cli(['stack', 'down', '--json'])).code).toBe(0);
    const thief = `autogit-test-thief-${lab}`;
    try {
      const taken = trouble.at('start:began', `docker network create --subnet ${subnet} ${thief} >&2`);
      const { key, message } = await trouble.upBadly(taken);
      expect({ key, message }).toEqual({
        key: 'compose.failed',
        message: expect.stringMatching(/network.*overlaps/) as string,
      });
      await trouble.upWell();
      expect(await stack.docker('network', 'inspect', '--format', format, name)).not.toBe(subnet);
    } finally {
      await stack.docker('network', 'rm', thief);
    }
    await trouble.answers();
  });

  it('mends by itself what a kill has half written', async () => {
    const wanted = await trouble.answer();
    await trouble.upKilled('writing:coredns/Corefile');
    const whole = await trouble.corefile();
    await truncate(trouble.inStack('coredns', 'Corefile'), Math.floor(whole.length / 2));
    await trouble.upWell();
    expect(await trouble.corefile()).toContain(wanted);
    await trouble.answers();
  });

  it('asks about a file that was cut off while nobody looked, and mends a secret', async () => {
    const [path, whole, known] = [
      trouble.inStack('coredns', 'Corefile'),
      await trouble.corefile(),
      await trouble.secrets(),
    ];
    await truncate(path, Math.floor(whole.length / 2));
    await truncate(trouble.inStack('secrets', 'gitlab-root-password'), 3);
    const { key, message, next } = await trouble.upBadly();
    expect({ key, message }).toEqual({
      key: 'stack.file-changed',
      message: expect.stringContaining('coredns/Corefile') as string,
    });
    expect(next).toContain('autogit stack up --replace coredns/Corefile');
    expect((await trouble.corefile()).length).toBe(Math.floor(whole.length / 2));
    const before = await stack.containers();
    await trouble.upWell('--replace', 'coredns/Corefile');
    expect(await trouble.corefile()).toBe(whole);
    expect(await trouble.secrets()).toEqual(known);
    const after = await stack.containers();
    expect(after['coredns']?.startedAt, 'it has read half a file').not.toBe(before['coredns']?.startedAt);
    expect(after['gitlab']).toEqual(before['gitlab']);
  });

  it('refuses while the disk with the data is full, and goes on when there is room', async () => {
    const wanted = await trouble.answer();
    await trouble.disk.fill();
    const { key, message, next } = await trouble.upBadly();
    expect({ key, message }).toEqual({
      key: 'stack.disk-short',
      message: expect.stringContaining('too little room') as string,
    });
    expect(next).toContain('Free some');
    await trouble.answers();
    await trouble.disk.free();
    await trouble.upWell();
    expect(await trouble.corefile()).toContain(wanted);
  });

  it('serves on with its old files while the disk with its folder is full, and goes on when there is room', async () => {
    const [known, before] = [await trouble.secrets(), await trouble.corefile()];
    expect((await stack.cli(['stack', 'down', '--json'])).code).toBe(0);
    const folderDisk = await moveOnto(join(stack.home, 'stack'), join(trouble.folder, 'stack-disk.img'));
    try {
      await trouble.upWell();
      expect(await trouble.secrets()).toEqual(known);
      const wanted = await trouble.answer();
      await folderDisk.fill();
      const { key, message } = await trouble.upBadly();
      expect({ key, message }).toEqual({
        key: 'stack.no-space',
        message: expect.stringContaining('its disk is full') as string,
      });
      expect(await trouble.corefile()).toBe(before);
      await trouble.answers();
      await folderDisk.free();
      await trouble.upWell();
      expect(await trouble.corefile()).toContain(wanted);
      expect(await trouble.secrets()).toEqual(known);
    } finally {
      expect((await stack.cli(['stack', 'down', '--json'])).code).toBe(0);
      await folderDisk.close();
    }
  });
});
