// The demo's screen: a header, one line per runner, what waits, a small timeline, the newest log line. Pure.
import type { JobView, RunnerView } from '../../contract/snapshot.ts';
import { engineWords } from '../render/lab.ts';
import { clean, columnsOf, count, cut, duration, fill, paint, wrap } from '../render/text.ts';
import type { Tone, View } from '../render/text.ts';
import { countJobs } from './model.ts';
import type { DemoModel } from './model.ts';
import { demoSentence } from './words.ts';

export interface ScreenView extends View {
  readonly height: number;
  /** False where only ASCII is safe. */
  readonly unicode: boolean;
}

interface Mark {
  readonly icon: string;
  readonly plain: string;
  readonly tone: Tone;
}

const runnerMarks: Readonly<Record<RunnerView['state'], Mark>> = {
  starting: { icon: '◌', plain: '~', tone: 'warn' },
  prepared: { icon: '◌', plain: '~', tone: 'warn' },
  warm: { icon: '○', plain: 'o', tone: 'quiet' },
  idle: { icon: '○', plain: 'o', tone: 'quiet' },
  busy: { icon: '►', plain: '>', tone: 'busy' },
  leaving: { icon: '←', plain: '<', tone: 'quiet' },
  finished: { icon: '←', plain: '<', tone: 'quiet' },
  lost: { icon: '?', plain: '?', tone: 'bad' },
};

const later: Mark = { icon: '·', plain: '.', tone: 'quiet' };
const jobMarks: Readonly<Record<JobView['status'], Mark>> = {
  created: later,
  pending: { icon: '○', plain: 'o', tone: 'warn' },
  running: { icon: '►', plain: '>', tone: 'busy' },
  canceling: { icon: '►', plain: '>', tone: 'warn' },
  success: { icon: '✓', plain: '+', tone: 'good' },
  failed: { icon: '✗', plain: 'x', tone: 'bad' },
  canceled: { icon: '⊘', plain: '-', tone: 'quiet' },
  skipped: { icon: '⊘', plain: '-', tone: 'quiet' },
  unknown: { icon: '?', plain: '?', tone: 'quiet' },
};

function drawn(mark: Mark, view: ScreenView): string {
  return paint(view.unicode ? mark.icon : mark.plain, mark.tone, view);
}

/** A text that fits, painted after cutting so that no colour is cut open. */
function line(text: string, tone: Tone | null, view: ScreenView): string {
  const short = cut(text, view.width);
  return tone === null ? short : paint(short, tone, view);
}

function header(model: DemoModel, view: ScreenView): readonly string[] {
  const elapsed = duration(view.now - model.startedAt);
  const sentence = demoSentence(model, view.now);
  const { snapshot } = model;
  const engine = snapshot?.nodes[0]?.engine;
  const facts = [
    'AutoGit demo',
    ...(snapshot?.gitlab.url == null ? [] : [`sandbox at ${snapshot.gitlab.url}`]),
    ...(engine?.kind == null ? [] : [engineWords(engine)]),
  ];
  const issues = (snapshot?.issues ?? []).filter(({ severity }) => severity !== 'info').slice(0, 1);
  const gap = view.width - columnsOf(sentence) - columnsOf(elapsed);
  const first =
    gap >= 2
      ? [`${paint(sentence, 'strong', view)}${' '.repeat(gap)}${paint(elapsed, 'quiet', view)}`]
      : [
          ...wrap(sentence, view.width).map((text) => paint(text, 'strong', view)),
          line(elapsed, 'quiet', view),
        ];
  return [
    ...first,
    line(facts.join(', '), 'quiet', view),
    ...issues.map((issue) => line(`! ${clean(issue.message)}`, 'bad', view)),
  ];
}

/** State and job first: they must be there on a narrow screen too. */
function runnerLine(runner: RunnerView, model: DemoModel, view: ScreenView): string {
  const job = model.jobs.find((candidate) => candidate.id === runner.jobId);
  const since = job?.startedAt ?? null;
  const time = since === null ? '' : duration(view.now - since);
  const work = job === undefined ? '' : clean(job.name);
  const width = view.width - 2;
  const whole = `${fill(runner.state, 8)}  ${fill(work, 18)}  ${fill(time, 8)}  ${runner.id}`;
  const text = columnsOf(whole) <= width ? whole : `${fill(runner.state, 8)} ${work}`.trimEnd();
  return `${drawn(runnerMarks[runner.state], view)} ${cut(text, width)}`;
}

/** Runners in the order in which they came, as many as there is room for. */
function runnerLines(model: DemoModel, view: ScreenView, room: number): readonly string[] {
  const runners = [...(model.snapshot?.runners ?? [])].sort(
    (a, b) => a.createdAt - b.createdAt || a.id.localeCompare(b.id),
  );
  const shown = runners.length > room ? runners.slice(0, Math.max(0, room - 1)) : runners;
  const rest = runners.length - shown.length;
  const lines = shown.map((runner) => runnerLine(runner, model, view));
  return rest === 0 ? lines : [...lines, line(`  and ${count(rest, 'more runner')}`, 'quiet', view)];
}

/** One sign for each job in the order of the pipeline; counts when they would fill the screen. */
function timeline(model: DemoModel, view: ScreenView): readonly string[] {
  const { total } = countJobs(model);
  const marks = [
    ...model.jobs.map((job) => jobMarks[job.status]),
    ...Array.from({ length: total - model.jobs.length }, () => later),
  ];
  const perLine = Math.max(1, Math.min(view.width, 100));
  if (Math.ceil(marks.length / perLine) > 4) {
    const kinds = [...new Set(marks)];
    const text = kinds.map(
      (kind) => `${view.unicode ? kind.icon : kind.plain} ${marks.filter((mark) => mark === kind).length}`,
    );
    return [line(text.join('  '), null, view)];
  }
  const lines: string[] = [];
  for (let at = 0; at < marks.length; at += perLine) {
    const part = marks.slice(at, at + perLine);
    lines.push(part.map((mark) => drawn(mark, view)).join(''));
  }
  return lines;
}

function legend(view: ScreenView): string {
  const words = [
    [later, 'later'],
    [jobMarks.pending, 'waiting'],
    [jobMarks.running, 'running'],
    [jobMarks.success, 'done'],
    [jobMarks.failed, 'failed'],
  ] as const;
  const text = words.map(([mark, word]) => `${view.unicode ? mark.icon : mark.plain} ${word}`).join('  ');
  return columnsOf(text) <= view.width ? paint(text, 'quiet', view) : '';
}

function logLine(model: DemoModel, view: ScreenView): string {
  if (model.log === null || model.phase !== 'jobs') return '';
  return line(`${clean(model.log.job)} | ${clean(model.log.line)}`, 'quiet', view);
}

/** The whole screen in at most `height` lines of at most `width` columns. */
export function renderDemo(model: DemoModel, view: ScreenView): string {
  const top = header(model, view);
  const showJobs = model.project !== null && model.phase !== 'reset' && model.phase !== 'done';
  const below = [legend(view), logLine(model, view)].filter((text) => text !== '');
  const jobs = showJobs ? ['', ...timeline(model, view), ...below] : [];
  const pool = model.snapshot?.pools[0];
  const alive = model.snapshot?.runners.length ?? 0;
  const title = showJobs
    ? ['', line(`Runners ${alive}${pool === undefined ? '' : ` of ${pool.max}`}`, null, view)]
    : [];
  const fixed = top.length + jobs.length + title.length;
  const runners = showJobs ? runnerLines(model, view, Math.max(1, view.height - fixed - 1)) : [];
  return [...top, ...title, ...runners, ...jobs].slice(0, Math.max(2, view.height - 1)).join('\n');
}
