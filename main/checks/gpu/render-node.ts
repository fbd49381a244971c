// A render node whose group may not use it: containers get the group, and still cannot open the card.
import { nameOf } from './check.ts';
import type { GpuCheck } from './check.ts';

const group = 0o060;
const everybody = 0o006;

export const checkRenderNode: GpuCheck = (subject) => {
  const { renderFile, metrics } = subject;
  if (renderFile === null || (renderFile.mode & everybody) === everybody) return null;
  if ((renderFile.mode & group) === group) return null;
  const mode = renderFile.mode.toString(8).padStart(4, '0');
  return {
    key: 'gpu.render-node-closed',
    severity: 'warning',
    subject: metrics.id,
    message: `Group ${renderFile.group} may not read and write ${renderFile.path} (mode ${mode}), so only jobs that run as root can use ${nameOf(subject)}.`,
    next: 'Give it back the mode that the system sets, with a rule of udev: KERNEL=="renderD*", GROUP="render", MODE="0660"',
  };
};
