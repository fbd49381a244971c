// The ends of the logs of failed jobs: they go with the sandbox, and are what tells why the demo failed.
import type { Output } from '../../contract/contract.ts';
import type { JobView } from '../../contract/snapshot.ts';
import { clean } from '../render/text.ts';
import type { Session } from './session.ts';

/** More logs than this say the same again. */
const mostJobs = 3;
const mostLines = 12;
/** Milliseconds for all of them: a core that does not answer is not waited for. */
const patienceMs = 5000;

export interface FailedLog {
  readonly job: Pick<JobView, 'id' | 'name'>;
  readonly lines: readonly string[];
}

async function readEnd(session: Session, job: JobView, signal: AbortSignal): Promise<FailedLog> {
  const parts: Output<'job.log'>[] = [];
  for await (const part of session.link().door.stream('job.log', { id: job.id, follow: false }, signal)) {
    parts.push(part);
  }
  const lines = parts
    .map(({ text }) => text)
    .join('')
    .split(/\r\n|\r|\n/)
    .map(clean)
    .filter((line) => line.trim() !== '');
  return { job, lines: lines.slice(-mostLines) };
}

/** Reads them while there is a sandbox; a log that cannot be had is left out. */
export async function readFailedLogs(session: Session): Promise<readonly FailedLog[]> {
  const failed = session.model().jobs.filter(({ status }) => status === 'failed');
  const signal = AbortSignal.timeout(patienceMs);
  const read = await Promise.allSettled(
    failed.slice(0, mostJobs).map((job) => readEnd(session, job, signal)),
  );
  return read.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

/** Ends with a line feed; empty where no job failed. */
export function renderFailedLogs(logs: readonly FailedLog[]): string {
  return logs
    .map(({ job, lines }) => {
      const title = `${clean(job.name)} (job ${job.id}) failed. The end of its log:`;
      return `\n${[title, ...lines.map((line) => `    ${line}`)].join('\n')}\n`;
    })
    .join('');
}
