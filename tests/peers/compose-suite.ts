// What Compose must do, the fake included: run by the unit tests on the fake and here on the real one.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StackContainer } from '../../main/model/stack/stack.ts';
import type { Compose, ComposeEvent, ComposeProject } from '../../main/stack-ports.ts';

export interface ComposeSubject {
  readonly compose: Compose;
  readonly project: ComposeProject;
  /** With a shell, `sleep` and `cat`. */
  readonly image: string;
  /** Replaces compose.yaml; `null`: removes it. */
  writeFile(content: string | null): Promise<void>;
  /** Something else holds a port of the loopback until it is let go. */
  holdPort(): Promise<{ readonly port: number; letGo(): Promise<void> }>;
  close(): Promise<void>;
}

/** What services of the suite do; a fake has to behave as they do. */
export const stackScripts = {
  stays: "trap 'exit 0' TERM; echo it has begun; sleep 1000 & wait $!",
  fails: 'echo it fails; exit 1',
} as const;

interface Part {
  readonly script: string;
  readonly label?: string;
  readonly image?: string;
  readonly ports?: readonly string[];
}

/** JSON is YAML. */
function render(project: ComposeProject, image: string, services: Readonly<Record<string, Part>>): string {
  const parts = Object.entries(services).map(
    ([name, { script, label = 'first', image: own = image, ports = [] }]): readonly [string, object] => [
      name,
      {
        image: own,
        // Compose takes a dollar for a variable.
        command: ['/bin/sh', '-c', script.replaceAll('$', '$$$$')],
        labels: { 'autogit.stack.hash': label },
        ports,
        stop_grace_period: '2s',
      },
    ],
  );
  return JSON.stringify({ name: project.name, services: Object.fromEntries(parts) });
}

const never = new AbortController().signal;

/** Describes one Compose under `title`. */
export function describeComposePort(title: string, open: () => Promise<ComposeSubject>): void {
  describe(title, () => {
    let subject: ComposeSubject;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject.close());

    const write = (services: Readonly<Record<string, Part>>): Promise<void> =>
      subject.writeFile(render(subject.project, subject.image, services));
    const up = async (): Promise<readonly ComposeEvent[]> => {
      const events: ComposeEvent[] = [];
      await subject.compose.up(subject.project, (event) => events.push(event), never);
      return events;
    };
    const list = async (): Promise<Readonly<Record<string, StackContainer>>> => {
      const all = await subject.compose.containers(subject.project);
      return Object.fromEntries(all.map((container) => [container.service, container]));
    };
    const two = { one: { script: stackScripts.stays }, two: { script: stackScripts.stays } };

    it('says its version', async () => {
      expect(await subject.compose.version()).toMatch(/^\d+\.\d+\.\d+$/);
    });

    it('lists nothing and takes down nothing where nothing is', async () => {
      expect(await subject.compose.containers(subject.project)).toEqual([]);
      await subject.compose.down(subject.project, { volumes: false });
    });

    it('accepts a file that is right, and refuses one that is not', async () => {
      await write(two);
      await subject.compose.check(subject.project);
      await subject.writeFile('services: {one: {image: 3, : ]');
      await expect(subject.compose.check(subject.project)).rejects.toMatchObject({ key: 'compose.invalid' });
    });

    it('starts what is missing, and tells of it', async () => {
      await write(two);
      const events = await up();
      expect(events).toContainEqual({ id: `Container ${subject.project.name}-one-1`, text: 'Started' });
      const { one, two: other, ...rest } = await list();
      expect(rest).toEqual({});
      expect(one).toMatchObject({
        ...{ name: `${subject.project.name}-one-1`, state: 'running', image: subject.image },
        ...{ health: 'none', exitCode: null, restarts: 0, startedAt: expect.any(Number) as number },
      });
      expect(other?.state).toBe('running');
    });

    it('changes nothing when nothing has changed', async () => {
      const before = await list();
      await up();
      expect(await list()).toEqual(before);
    });

    it('makes anew what has changed, and leaves the rest', async () => {
      const before = await list();
      await write({ ...two, two: { ...two.two, label: 'second' } });
      await up();
      const after = await list();
      expect(after['one']).toEqual(before['one']);
      expect(after['two']?.id).not.toBe(before['two']?.id);
      expect(after['two']?.state).toBe('running');
    });

    it('starts again what has ended', async () => {
      const before = await list();
      await write({ ...two, short: { script: stackScripts.fails } });
      await up();
      await expect
        .poll(async () => (await list())['short'], { timeout: 20_000 })
        .toMatchObject({
          ...{ state: 'exited', exitCode: 1 },
        });
      expect((await list())['one']?.id).toBe(before['one']?.id);
    });

    it('removes what the file no longer has', async () => {
      await write({ one: two.one });
      await up();
      expect(Object.keys(await list())).toEqual(['one']);
    });

    it('restarts a service, which stays the same container', async () => {
      const before = await list();
      await subject.compose.restart(subject.project, ['one']);
      const after = await list();
      expect(after['one']).toMatchObject({ id: before['one']?.id ?? '', state: 'running' });
    });

    it('says what services have printed', async () => {
      const printed = (): Promise<string> => subject.compose.logs(subject.project, ['one'], 5);
      await expect.poll(printed, { timeout: 20_000 }).toContain('it has begun');
      expect((await printed()).split('\n')[0]).toBe('it has begun');
    });

    it('follows what is printed until it is told to stop', async () => {
      const stop = new AbortController();
      const lines: string[] = [];
      const seen = Promise.withResolvers<undefined>();
      const onLine = (line: string): void => {
        lines.push(line);
        seen.resolve(undefined);
      };
      const followed = subject.compose.follow(subject.project, ['one'], onLine, stop.signal, 5);
      await seen.promise;
      stop.abort();
      await followed;
      expect(lines[0]).toBe('it has begun');
    });

    it('runs a program in a service, with words that stand in no argument', async () => {
      const { code, stdout } = await subject.compose.exec(
        subject.project,
        'one',
        ['cat'],
        'a secret',
        60_000,
      );
      expect({ code, stdout }).toEqual({ code: 0, stdout: 'a secret' });
      const failing = ['sh', '-c', 'echo no >&2; exit 7'];
      const ended = await subject.compose.exec(subject.project, 'one', failing, '', 60_000);
      expect(ended).toMatchObject({ code: 7, stdout: '' });
      expect(ended.stderr.trim()).toBe('no');
    });

    it('says which image is not there, and pulls none', async () => {
      await write({ one: two.one, absent: { script: 'true', image: 'autogit-test/absent:1' } });
      await expect(up()).rejects.toMatchObject({ message: expect.stringMatching(/absent:1/) as string });
      expect((await list())['one']?.state).toBe('running');
    });

    it('says which port something else holds, and starts the service once it is free', async () => {
      const { port, letGo } = await subject.holdPort();
      await write({ ...two, two: { ...two.two, ports: [`127.0.0.1:${port}:80`] } });
      try {
        await expect(up()).rejects.toMatchObject({
          ...{ key: 'compose.port-taken', message: expect.stringContaining(`${port}`) as string },
        });
      } finally {
        await letGo();
      }
      expect((await list())['two']?.state).not.toBe('running');
      await up();
      expect((await list())['two']?.state).toBe('running');
    });

    it('begins nothing when it was given up before', async () => {
      const given = AbortSignal.abort(new Error('given up'));
      await expect(subject.compose.up(subject.project, () => undefined, given)).rejects.toThrow('given up');
    });

    it('takes all of it down, twice, also without the file', async () => {
      await subject.writeFile(null);
      await subject.compose.down(subject.project, { volumes: true });
      await subject.compose.down(subject.project, { volumes: true });
      expect(await subject.compose.containers(subject.project)).toEqual([]);
    });
  });
}
