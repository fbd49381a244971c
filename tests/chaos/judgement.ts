// Compares what a storm has left with what should be there: every count but the ones of the run itself is to be zero.
import { z } from 'zod';
import type { SandboxClient } from '../engine/sandbox-client.ts';
import type { Decoys } from './decoys.ts';
import type { Lab } from './lab.ts';
import type { AfterStorm } from './storm.ts';
import { patience } from './wait-for.ts';
import { judgeJobs, seeProject } from './witness.ts';

/** What must be zero. A type, not an interface: it is also a record of counts. */
export type Faults = Readonly<{
  jobsLost: number;
  jobsRunTwice: number;
  containersLeft: number;
  networksLeft: number;
  volumesLeft: number;
  runnerEntriesLeft: number;
  runnerProcessesLeft: number;
  decoysTouched: number;
  coresEndedByThemselves: number;
}>;

export interface Judgement {
  readonly faults: Faults;
  /** A line for each thing that is wrong. */
  readonly details: readonly string[];
  readonly jobs: number;
}

const managers = z.array(z.object({ system_id: z.string() }));

/** Judges, and takes everything down on the way; the core is stopped afterwards. */
export async function judge(lab: Lab, after: AfterStorm): Promise<Judgement> {
  const { core, sandbox, decoys, ended } = after;
  const jobs = await judgeProjects(sandbox, after.projects);
  // Those that stay are counted below.
  await lab.until(({ runners }) => runners.length === 0, patience.timeout).catch(() => undefined);
  const runners = await runnersLeft(lab, decoys);
  const processes = await runnerProcesses(sandbox);
  await lab.json(['lab', 'teardown', '--yes']);
  const entries = await sandbox.entries();
  await lab.json(['sandbox', 'reset', '--yes']);
  const left = await objectsLeft(lab, decoys);
  const touched = await decoys.touched();
  await core.stop();
  const containers = [...new Set([...runners, ...left.containers])];
  return {
    faults: {
      jobsLost: jobs.lost.length,
      jobsRunTwice: jobs.doubled.length,
      containersLeft: containers.length,
      networksLeft: left.networks.length,
      volumesLeft: left.volumes.length,
      runnerEntriesLeft: entries.length,
      runnerProcessesLeft: processes.length,
      decoysTouched: touched.length,
      coresEndedByThemselves: ended.length,
    },
    details: [
      ...jobs.lost.map((job) => `job ${job.id} (${job.name}) was lost: ${JSON.stringify(job)}`),
      ...jobs.doubled.map((job) => `job ${job.id} (${job.name}) ran twice: ${JSON.stringify(job)}`),
      ...[...containers, ...left.networks, ...left.volumes].map((name) => `${name} was left`),
      ...entries.map(({ id }) => `runner entry ${id} was left at GitLab`),
      ...processes.map((id) => `runner process ${id} was left at GitLab`),
      ...touched.map((what) => `the decoy ${what} was touched`),
      ...ended.map((words) => `a core ended by itself: ${words}`),
    ],
    jobs: jobs.count,
  };
}

async function judgeProjects(sandbox: SandboxClient, projects: readonly number[]) {
  const seen = [];
  for (const project of projects) seen.push(await seeProject(sandbox, project));
  const faults = seen.map(judgeJobs);
  return {
    count: seen.flat().length,
    lost: faults.flatMap(({ lost }) => lost),
    doubled: faults.flatMap(({ doubled }) => doubled),
  };
}

async function runnerProcesses(sandbox: SandboxClient): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { id } of await sandbox.entries()) {
    const listed = managers.parse(await sandbox.api('GET', `/runners/${id}/managers`));
    found.push(...listed.map(({ system_id: name }) => name));
  }
  return found;
}

async function runnersLeft(lab: Lab, decoys: Decoys): Promise<readonly string[]> {
  const found = await lab.engine.listContainers({
    'autogit.instance': lab.instance(),
    'autogit.role': 'runner',
  });
  return found.map(({ name }) => name).filter((name) => !decoys.names.has(name));
}

async function objectsLeft({ engine, instance }: Lab, decoys: Decoys) {
  const labels = { 'autogit.instance': instance() };
  const [containers, networks, volumes] = await Promise.all([
    engine.listContainers(labels),
    engine.listNetworks(labels),
    engine.listVolumes(labels),
  ]);
  const own = (objects: readonly { readonly name: string }[]): readonly string[] =>
    objects.map(({ name }) => name).filter((name) => !decoys.names.has(name));
  return { containers: own(containers), networks: own(networks), volumes: own(volumes) };
}
