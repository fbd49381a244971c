// The version of Compose, asked from the plugin itself: through `docker` it takes twice as long.
import { z } from 'zod';
import type { MachineEngine } from '../../model/machine.ts';
import type { Probe } from '../../probe-port.ts';
import type { Part } from './part.ts';

type Compose = MachineEngine['compose'];

/** Where `docker` looks for its plugins: https://github.com/docker/cli/blob/v26.1.4/cli-plugins/manager/manager_unix.go */
const folders = [
  ...['/usr/local/lib/docker/cli-plugins', '/usr/local/libexec/docker/cli-plugins'],
  ...['/usr/lib/docker/cli-plugins', '/usr/libexec/docker/cli-plugins'],
  '/Applications/Docker.app/Contents/Resources/cli-plugins',
];
/** A program of Go that prints a few lines. Milliseconds. */
const deadlineMs = 700;

const metadata = z.object({ Version: z.string() });

function versionIn(text: string): string | null {
  return /^v?(\d{1,4}(?:\.\d{1,6}){1,2}(?:[-+][\w.+-]{1,60})?)\s*$/.exec(text)?.[1] ?? null;
}

/** What a plugin answers to `docker-cli-plugin-metadata`; `null` for anything else. Never throws. */
export function parsePluginMetadata(text: unknown): string | null {
  if (typeof text !== 'string' || text.length > 10_000) return null;
  try {
    const parsed = metadata.safeParse(JSON.parse(text));
    return parsed.success ? versionIn(parsed.data.Version) : null;
  } catch {
    return null;
  }
}

/** What `docker-compose version --short` prints; `null` for anything else. */
export function parseShortVersion(text: unknown): string | null {
  return typeof text === 'string' && text.endsWith('\n') ? versionIn(text) : null;
}

export const noCompose: Compose = { found: null, version: null };

export async function detectCompose(probe: Probe): Promise<Part<Compose>> {
  const { home } = probe.self();
  for (const folder of [...(home === null ? [] : [`${home}/.docker/cli-plugins`]), ...folders]) {
    const plugin = `${folder}/docker-compose`;
    if ((await probe.stat(plugin)) === null) continue;
    const ran = await probe.run(plugin, ['docker-cli-plugin-metadata'], deadlineMs);
    const version = ran.outcome === 'ended' && ran.code === 0 ? parsePluginMetadata(ran.stdout) : null;
    return { value: { found: true, version }, reasons: { version: `${plugin} does not say its version` } };
  }
  const ran = await probe.run('docker-compose', ['version', '--short'], deadlineMs);
  if (ran.outcome === 'missing')
    return { value: { found: false, version: null }, reasons: { version: 'Compose is not installed' } };
  const version = ran.outcome === 'ended' && ran.code === 0 ? parseShortVersion(ran.stdout) : null;
  return { value: { found: true, version }, reasons: { version: 'docker-compose does not say its version' } };
}
