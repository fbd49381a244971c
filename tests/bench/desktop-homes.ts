// Homes for the desktop that is measured: one with a thousand waiting jobs, one in which nothing happens.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { startSandbox } from '../../main/sandbox/server.ts';
import { createSandboxClient } from '../engine/sandbox-client.ts';
import { builtDesktop } from './desktop-app.ts';
import type { BenchGround } from './frame.ts';
import { startQuietEngine } from './quiet-engine.ts';

export interface BenchHome {
  /** The application. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** True in a page once it can be used. */
  readonly ready: string;
  close(): Promise<void>;
}

/** GitLab's own limit of `parallel`. */
const perPipeline = 200;

/** `jobs` wait at a GitLab of its own; its one pool is paused, so that nothing is started for them. */
async function makeHome(
  ground: BenchGround,
  folder: string,
  jobs: number,
): Promise<Omit<BenchHome, 'ready'>> {
  const home = path.join(folder, 'home');
  await mkdir(path.join(home, 'desktop'), { recursive: true, mode: 0o700 });
  const gitlab = await startSandbox({ stateDir: path.join(folder, 'gitlab'), host: '127.0.0.1', port: 0 });
  const socket = path.join(folder, 'engine.sock');
  const stopEngine = await startQuietEngine(socket);
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    await gitlab.close();
    await stopEngine();
  };
  ground.afterwards(close);
  const client = createSandboxClient(gitlab.url, gitlab.rootToken ?? '');
  for (let made = 0; made < jobs; made += perPipeline)
    await client.push(`queue-${made}`, `wait:\n  parallel: ${perPipeline}\n  script: [sleep 1]\n`);
  const pool = { name: 'lab', tags: ['autogit'], max: 4, paused: true };
  const settings = { gitlab: { kind: 'server', url: gitlab.url }, proofs: 'off', pools: [pool] };
  await writeFile(path.join(home, 'settings.yaml'), stringify(settings));
  await writeFile(path.join(home, 'desktop', 'shell.json'), JSON.stringify({ route: '/jobs' }));
  const env = { AUTOGIT_HOME: home, AUTOGIT_GITLAB_TOKEN: client.token, DOCKER_HOST: `unix://${socket}` };
  return { folder: builtDesktop, env, close };
}

/** A thousand jobs wait; the page of jobs is what the window showed last. */
export async function makeBusyHome(ground: BenchGround, folder: string): Promise<BenchHome> {
  const rows = `Number(document.querySelector('[role=grid]')?.getAttribute('aria-rowcount')) > 1000`;
  const drawn = `document.querySelectorAll('[role=gridcell]').length > 20`;
  return { ...(await makeHome(ground, folder, 1_000)), ready: `${rows} && ${drawn}` };
}

/** No job waits. */
export async function makeQuietHome(ground: BenchGround, folder: string): Promise<BenchHome> {
  const ready = `document.body?.textContent.includes('No jobs yet') === true`;
  return { ...(await makeHome(ground, folder, 0)), ready };
}
