// A screen and a session bus of a test's own: Xvfb on a free display, dbus-daemon on a private socket.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

export interface Screen {
  /** The whole environment for programs that use this screen and this bus. */
  readonly env: Readonly<Record<string, string>>;
  readonly display: string;
  readonly bus: string;
  /** A folder of the session (its XDG_RUNTIME_DIR), removed by `stop`. */
  readonly folder: string;
  stop(): Promise<void>;
}

/** Starts a screen of `size` and a session bus; `stop` ends both. Fails with what the program said. */
export async function startScreen(size = '1280x800'): Promise<Screen> {
  const folder = await mkdtemp(path.join(tmpdir(), 'autogit-screen-'));
  const started: ChildProcess[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map(end));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const xvfb = ['-displayfd', '3', '-screen', '0', `${size}x24`, '-nolisten', 'tcp', '-noreset'];
    const display = `:${await startProgram('Xvfb', xvfb, started)}`;
    const config = path.join(folder, 'bus.conf');
    await writeFile(config, busConfig(path.join(folder, 'bus')));
    const daemon = [`--config-file=${config}`, '--nofork', '--nopidfile', '--print-address=3'];
    const bus = await startProgram('dbus-daemon', daemon, started);
    return { env: sessionEnv(display, bus, folder), display, bus, folder, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A program that tells on descriptor 3, in one line, that and where it is ready. */
function startProgram(program: string, args: readonly string[], started: ChildProcess[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
  started.push(child);
  let said = '';
  child.stderr?.on('data', (data: Buffer) => (said = (said + data.toString()).slice(-2000)));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => {
      reject(new Error(`${program} ended with ${String(code)}: ${said}`));
    });
    createInterface({ input: readyPipe(child) }).once('line', resolve);
  });
}

function readyPipe(child: ChildProcess): Readable {
  const pipe = child.stdio[3];
  if (!pipe || !('read' in pipe)) throw new Error('descriptor 3 is not a pipe');
  return pipe;
}

/** A bus that starts no programs by itself: what a test talks to is what it started. */
function busConfig(socket: string): string {
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=${socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;
}

/** This process's environment, on the new screen; what points at the session of a person who watches is left out. */
function sessionEnv(display: string, bus: string, folder: string): Record<string, string> {
  const foreign = new Set(['WAYLAND_DISPLAY', 'XAUTHORITY', 'DESKTOP_STARTUP_ID', 'SESSION_MANAGER']);
  const kept = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || foreign.has(name) ? [] : [[name, value] as const],
  );
  return {
    ...Object.fromEntries(kept),
    DISPLAY: display,
    DBUS_SESSION_BUS_ADDRESS: bus,
    XDG_RUNTIME_DIR: folder,
    XDG_SESSION_TYPE: 'x11',
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}
