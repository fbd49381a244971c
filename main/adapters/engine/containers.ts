// The engine's containers: list, create, fill, start, signal, stop, remove, measure and read.
import { pack } from 'tar-stream';
import { buffer } from 'node:stream/consumers';
import { z } from 'zod';
import type { ContainerFile, ContainerStats, Engine } from '../../ports.ts';
import { labelFilter, parseAnswer } from './answers.ts';
import { renderContainerBody } from './container-body.ts';
import { describedContainer, fromDescribed, fromListed, listedContainer } from './container-view.ts';
import { isGone, isGoneOrGoing, isNotRunning } from './errors.ts';
import type { InfoSource } from './info.ts';
import { steadyNames } from './steady-names.ts';
import { type Transport, ordinaryDeadline } from './transport.ts';

type ContainerCalls = Pick<
  Engine,
  | 'listContainers'
  | 'inspectContainer'
  | 'createContainer'
  | 'putFiles'
  | 'startContainer'
  | 'signalContainer'
  | 'stopContainer'
  | 'removeContainer'
  | 'stats'
  | 'containerLog'
>;

const created = z.object({ Id: z.string() });

/** A container that does not run has no numbers. */
const statistics = z.object({
  cpu_stats: z.object({ cpu_usage: z.object({ total_usage: z.number().default(0) }) }),
  memory_stats: z.object({
    usage: z.number().default(0),
    limit: z.number().default(0),
    stats: z
      .object({ total_inactive_file: z.number().optional(), inactive_file: z.number().optional() })
      .nullish(),
  }),
});

/** Page cache that the kernel can take back at once is not counted, as in `docker stats`. */
function readStats(raw: z.infer<typeof statistics>, machineMemory: number): ContainerStats {
  const { usage, limit, stats } = raw.memory_stats;
  const reclaimable = stats?.total_inactive_file ?? stats?.inactive_file ?? 0;
  return {
    cpuNanos: raw.cpu_stats.cpu_usage.total_usage,
    memoryBytes: Math.max(0, usage - reclaimable),
    // Without a limit engines name the machine's memory, or a number that no machine has.
    memoryLimitBytes: limit > 0 && limit < machineMemory ? limit : null,
  };
}

/**
 * The text in a log of both streams: frames of an 8-byte header (its last 4 are the length) and text.
 * https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach
 */
function readFrames(body: Buffer): string {
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= body.length;) {
    const end = at + 8 + body.readUInt32BE(at + 4);
    parts.push(body.subarray(at + 8, end));
    at = end;
  }
  return Buffer.concat(parts).toString();
}

/** Missing parent folders are not in the tar: both engines make them 0755, and leave existing ones alone. */
function renderTar(files: readonly ContainerFile[]): Promise<Buffer> {
  const tar = pack();
  for (const { path, mode, content, linkTo } of files) {
    const entry = { name: path.replace(/^\/+/, ''), mode, uid: 0, gid: 0 };
    if (linkTo === undefined) tar.entry(entry, content);
    else tar.entry({ ...entry, type: 'symlink', linkname: linkTo });
  }
  tar.finalize();
  return buffer(tar);
}

function pathOf(id: string, rest = ''): string {
  return `/containers/${encodeURIComponent(id)}${rest}`;
}

function readingCalls(
  transport: Transport,
  source: InfoSource,
): Pick<ContainerCalls, 'listContainers' | 'inspectContainer' | 'stats' | 'containerLog'> {
  return {
    async listContainers(labels) {
      const purpose = 'list containers';
      const query = { all: 'true', filters: labelFilter(labels) };
      const answer = await transport.ask({ purpose, method: 'GET', path: '/containers/json', query });
      return parseAnswer(z.array(listedContainer), answer, purpose).map(fromListed);
    },
    async inspectContainer(id) {
      const purpose = `describe the container ${id}`;
      const answer = await transport.ask(
        { purpose, method: 'GET', path: pathOf(id, '/json') },
        { fine: isGone },
      );
      return answer.status === 404 ? null : fromDescribed(parseAnswer(describedContainer, answer, purpose));
    },
    async stats(id) {
      const purpose = `measure the container ${id}`;
      // Without one-shot the engine measures twice, a second apart.
      const query = { stream: 'false', 'one-shot': 'true' };
      const answer = await transport.ask({ purpose, method: 'GET', path: pathOf(id, '/stats'), query });
      // Podman's whole answer about a container that does not run.
      if (answer.body.length === 0) return { cpuNanos: 0, memoryBytes: 0, memoryLimitBytes: null };
      return readStats(parseAnswer(statistics, answer, purpose), (await source.known()).memoryBytes);
    },
    async containerLog(id, lines) {
      const purpose = `read the log of the container ${id}`;
      const query = { stdout: 'true', stderr: 'true', tail: String(lines) };
      const answer = await transport.ask({ purpose, method: 'GET', path: pathOf(id, '/logs'), query });
      return readFrames(answer.body);
    },
  };
}

/** The container calls of the port. */
export function containerCalls(transport: Transport, source: InfoSource): ContainerCalls {
  return {
    ...readingCalls(transport, source),
    async createContainer(spec) {
      const purpose = `create the container ${spec.name}`;
      const engine = await source.known();
      const json = renderContainerBody(spec, engine, await steadyNames(transport, spec, engine));
      const query = { name: spec.name };
      const answer = await transport.ask({
        purpose,
        method: 'POST',
        path: '/containers/create',
        query,
        json,
      });
      return parseAnswer(created, answer, purpose).Id;
    },
    async putFiles(id, files) {
      const purpose = `write files into the container ${id}`;
      const tar = await renderTar(files);
      const query = { path: '/' };
      await transport.ask({ purpose, method: 'PUT', path: pathOf(id, '/archive'), query, tar });
    },
    async startContainer(id) {
      const purpose = `start the container ${id}`;
      await transport.ask({ purpose, method: 'POST', path: pathOf(id, '/start') });
    },
    async signalContainer(id, signal) {
      const purpose = `send ${signal} to the container ${id}`;
      const query = { signal };
      const request = { purpose, method: 'POST', path: pathOf(id, '/kill'), query } as const;
      await transport.ask(request, { fine: isNotRunning });
    },
    async stopContainer(id, seconds) {
      const purpose = `stop the container ${id}`;
      const query = { t: String(seconds) };
      const request = { purpose, method: 'POST', path: pathOf(id, '/stop'), query } as const;
      await transport.ask(request, { fine: isNotRunning, deadline: seconds * 1000 + ordinaryDeadline });
    },
    async removeContainer(id, { force }) {
      const purpose = `remove the container ${id}`;
      const query = { v: 'true', force: String(force) };
      const request = { purpose, method: 'DELETE', path: pathOf(id), query } as const;
      await transport.ask(request, { fine: isGoneOrGoing });
    },
  };
}
