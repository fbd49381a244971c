// Which machine was measured, without any name by which it could be known.
import { arch, cpus, loadavg, totalmem } from 'node:os';
import { connectEngine } from '../../main/adapters/engine/connect.ts';
import { silentLog } from '../fakes/silent-log.ts';

export interface Machine {
  readonly processor: string;
  readonly processors: number;
  readonly memoryGb: number;
  /** `linux x64`. */
  readonly system: string;
  readonly node: string;
  /** Processes that already wanted a processor before the run: a number near 0 is a quiet machine. */
  readonly load: number;
  /** `null`: nothing was measured on one. */
  readonly engine: string | null;
}

export async function describeMachine(host: string | null): Promise<Machine> {
  const list = cpus();
  return {
    processor: list[0]?.model.trim() ?? 'unknown',
    processors: list.length,
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    system: `${process.platform} ${arch()}`,
    node: process.versions.node,
    load: Number((loadavg()[0] ?? 0).toFixed(1)),
    engine: host === null ? null : await describeEngine(host),
  };
}

async function describeEngine(host: string): Promise<string> {
  const { kind, version, rootless, storageDriver } = await connectEngine({ host, log: silentLog }).info();
  return `${rootless ? 'rootless ' : ''}${kind} ${version} (${storageDriver})`;
}
