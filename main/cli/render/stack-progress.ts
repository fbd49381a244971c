// What a run of the stack does, as lines that are drawn in place or written one after the other.
import type { Output } from '../../contract/contract.ts';
import { bytesText, imageText } from './stack-plan.ts';
import { clean, columnsOf, cut, fill, paint } from './text.ts';
import type { Tone, View } from './text.ts';

export type Progress = Output<'stack.watch'>;
type Pull = Progress['pulls'][number];

const steps = [
  ...['preflight', 'folders', 'secrets', 'files', 'pull', 'start', 'health', 'configure', 'runners'],
] as const;

function amountOf({ current, total, done }: Pull): string {
  if (done) return 'done';
  if (total === 0) return 'waits';
  const percent = Math.min(99, Math.floor((current / total) * 100));
  return `${bytesText(current)} of ${bytesText(total)}, ${percent} %`;
}

function pullLines(pulls: readonly Pull[], view: View): readonly string[] {
  const names = pulls.map(({ reference }) => imageText(reference));
  const width = Math.max(0, ...names.map(columnsOf)) + 2;
  return pulls.map((pull, at) => {
    const tone: Tone = pull.done ? 'good' : 'busy';
    return paint(cut(`  ${fill(names[at] ?? '', width)}${amountOf(pull)}`, view.width), tone, view);
  });
}

function signOf({ outcome }: Progress): readonly [string, Tone] {
  if (outcome === null) return ['·', 'busy'];
  return outcome === 'done' ? ['✓', 'good'] : ['×', 'bad'];
}

/** The whole picture: where it is, the current sentence, and one line for each image while it is pulled. */
export function renderProgress(progress: Progress, view: View): string {
  const { step, message, pulls, outcome, error } = progress;
  const [sign, tone] = signOf(progress);
  const at = step === null || outcome !== null ? '' : `${steps.indexOf(step) + 1}/${steps.length} ${step}: `;
  const head = `${paint(sign, tone, view)} ${cut(clean(`${at}${message}`), Math.max(8, view.width - 2))}`;
  const images = step === 'pull' && outcome === null ? pullLines(pulls, view) : [];
  const end = error === null ? [] : [cut(`  ${clean(error.next)}`, view.width)];
  return [head, ...images, ...end].map((line) => `${line}\n`).join('');
}

/** What is new since before, for an output that is no terminal: a new sentence, an image that is there. */
export function progressLines(before: Progress | null, after: Progress): readonly string[] {
  const known = before?.run === after.run ? before : null;
  // A step that has nothing to say yet still has the sentence of the one before.
  const isNew = known?.message !== after.message;
  const wasDone = new Set((known?.pulls ?? []).filter(({ done }) => done).map(({ reference }) => reference));
  const come = after.pulls.filter(({ reference, done }) => done && !wasDone.has(reference));
  return [
    ...come.map(({ reference }) => `pulled ${imageText(reference)}`),
    ...(isNew && after.message !== ''
      ? [`${after.step === null ? '' : `${after.step}: `}${clean(after.message)}`]
      : []),
  ];
}
