// Follows the log of the newest running job, for the screen's last line.
import type { JobView } from '../../contract/snapshot.ts';
import type { Session } from './session.ts';

/** Milliseconds for which a job stays on the screen before a newer one takes its place. */
const stayMs = 1500;

function newestRunning(jobs: readonly JobView[]): JobView | null {
  const running = jobs.filter((job) => job.status === 'running');
  return running.sort((a, b) => (b.startedAt ?? 0) - (a.startedAt ?? 0) || b.id - a.id)[0] ?? null;
}

async function follow(job: JobView, session: Session, signal: AbortSignal): Promise<void> {
  const { door } = session.link();
  for await (const part of door.stream('job.log', { id: job.id, follow: true }, signal)) {
    session.tell({ kind: 'log', job: job.name, text: part.text });
  }
}

/** Begins; the result ends it. A log that cannot be had is not worth a word: the job's state is on the screen. */
export function tailLogs(session: Session): () => void {
  let shown: number | null = null;
  let reading = new AbortController();
  const look = (): void => {
    const job = newestRunning(session.model().jobs);
    if (job === null || job.id === shown) return;
    reading.abort();
    reading = new AbortController();
    shown = job.id;
    follow(job, session, reading.signal).catch(() => undefined);
  };
  look();
  const timer = setInterval(look, stayMs);
  return () => {
    clearInterval(timer);
    reading.abort();
  };
}
