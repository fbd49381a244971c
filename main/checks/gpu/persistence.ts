// NVIDIA's driver that lets go of its card whenever nothing uses it: each look and each job then waits for it.
import { nameOf } from './check.ts';
import type { GpuCheck } from './check.ts';

export const checkPersistence: GpuCheck = (subject) => {
  if (subject.metrics.persistence !== false) return null;
  return {
    key: 'gpu.persistence-off',
    severity: 'info',
    subject: subject.metrics.id,
    message: `Persistence is off for ${nameOf(subject)}: its driver starts it anew for each job and for each look, which takes a second or more. So AutoGit looks at it every 30 s at most while no job has it.`,
    next: 'Switch it on with: sudo systemctl enable --now nvidia-persistenced. Or until the next restart: sudo nvidia-smi -pm 1',
  };
};
