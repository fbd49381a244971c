// Containers as engines list and describe them, made into one shape.
import { z } from 'zod';
import type { ContainerState } from '../../model/runner.ts';
import type { LabelledContainer } from '../../ports.ts';
import { shortReference } from './references.ts';

const labels = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});

/** Podman lists a port without a host part as 0 or leaves it out. */
const listedPort = z.object({ PrivatePort: z.number(), PublicPort: z.number().nullish() });

export const listedContainer = z.object({
  Id: z.string(),
  Names: z.array(z.string()).nullish(),
  Image: z.string(),
  State: z.string(),
  Status: z.string().nullish(),
  Labels: labels,
  Ports: z.array(listedPort).nullish(),
});

const boundPort = z.object({ HostPort: z.string().nullish() });

export const describedContainer = z.object({
  Id: z.string(),
  Name: z.string(),
  RestartCount: z.number().nullish(),
  Created: z.string().nullish(),
  Config: z.object({ Image: z.string(), Labels: labels }),
  State: z.object({
    Status: z.string(),
    ExitCode: z.number(),
    OOMKilled: z.boolean().nullish(),
    Health: z.object({ Status: z.string().nullish() }).nullish(),
  }),
  NetworkSettings: z
    .object({ Ports: z.record(z.string(), z.array(boundPort).nullish()).nullish() })
    .nullish(),
});

/** Docker's words for a state, and Podman's where it has others. */
const states: Readonly<Record<string, ContainerState>> = {
  created: 'created',
  configured: 'created',
  initialized: 'created',
  running: 'running',
  stopping: 'running',
  paused: 'paused',
  restarting: 'restarting',
  removing: 'removing',
  exited: 'exited',
  stopped: 'exited',
  dead: 'dead',
};

/** A word nobody knows counts as running: nothing that runs is ever removed by mistake. */
export function parseState(word: string): ContainerState {
  return states[word.toLowerCase()] ?? 'running';
}

function hasEnded(state: ContainerState): boolean {
  return state === 'exited' || state === 'dead';
}

/** The listing tells an exit code only in words: `Exited (137) 5 minutes ago`. */
function listedExitCode(status: string | null | undefined): number | null {
  const code = /^Exited \((\d+)\)/.exec(status ?? '')?.[1];
  return code === undefined ? null : Number(code);
}

const healths = ['starting', 'healthy', 'unhealthy'] as const;

/** Docker's word for it, alone or at the end of a listed status: `Up 5 minutes (healthy)`, `Up 2 seconds (health: starting)`. */
function healthIn(text: string | null | undefined): Pick<LabelledContainer, 'health'> {
  const word = /^(?:Up .*\((?:health: )?)?([a-z]+)\)?$/.exec(text ?? '')?.[1];
  const health = healths.find((one) => one === word);
  return health === undefined ? {} : { health };
}

function portPair(inside: number, outside: number | null | undefined): readonly [number, number][] {
  return outside === null || outside === undefined || outside === 0 ? [] : [[inside, outside]];
}

/** One row of the engine's listing. */
export function fromListed(listed: z.infer<typeof listedContainer>): LabelledContainer {
  const state = parseState(listed.State);
  const ports = (listed.Ports ?? []).flatMap((port) => portPair(port.PrivatePort, port.PublicPort));
  return {
    id: listed.Id,
    name: (listed.Names?.[0] ?? '').replace(/^\//, ''),
    state,
    image: shortReference(listed.Image),
    ports: Object.fromEntries(ports),
    exitCode: hasEnded(state) ? listedExitCode(listed.Status) : null,
    ...(state === 'running' ? healthIn(listed.Status) : {}),
    labels: listed.Labels,
  };
}

/** One container as the engine describes it. */
export function fromDescribed(described: z.infer<typeof describedContainer>): LabelledContainer {
  const state = parseState(described.State.Status);
  const createdAt = Date.parse(described.Created ?? '');
  const ports = Object.entries(described.NetworkSettings?.Ports ?? {}).flatMap(([inside, bindings]) =>
    portPair(Number.parseInt(inside, 10), Number(bindings?.[0]?.HostPort ?? 0)),
  );
  return {
    id: described.Id,
    name: described.Name.replace(/^\//, ''),
    state,
    image: shortReference(described.Config.Image),
    ports: Object.fromEntries(ports),
    exitCode: hasEnded(state) ? described.State.ExitCode : null,
    ...(state === 'running' ? healthIn(described.State.Health?.Status) : {}),
    ...(described.State.OOMKilled === true ? { outOfMemory: true } : {}),
    ...(described.RestartCount ? { restarts: described.RestartCount } : {}),
    ...(Number.isNaN(createdAt) ? {} : { createdAt }),
    labels: described.Config.Labels,
  };
}
