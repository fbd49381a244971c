// Which jobs may have a card: none, one at a time, or several that share it. The plan is shown before anything changes.
import type { GpuView } from '../../../main/contract/snapshot.ts';
import { gpuUseDeed } from '../../state/row-deeds.ts';
import { useLab } from '../../state/use-live.ts';
import { Choice } from '../../ui/choice.tsx';
import { t } from '../../language/strings.ts';

const options = [
  { value: 'off', words: t('Off'), title: t('No job gets it') },
  {
    value: 'exclusive',
    words: t('One at a time'),
    title: t('One job has all of it, whatever its pool says'),
  },
  { value: 'shared', words: t('Shared'), title: t('As many jobs at once as their pool lets share it') },
] as const;

interface GpuSwitchProps {
  readonly gpu: GpuView;
  /** A program of its owner for which it would be kept. */
  readonly keeper?: string | null;
}

export function GpuSwitch({ gpu, keeper = null }: GpuSwitchProps) {
  const { deeds } = useLab();
  return (
    <Choice
      label={t('Jobs that may have {{model}}', { model: gpu.model })}
      options={options}
      value={gpu.use}
      onChoose={(use) => deeds.ask(gpuUseDeed(gpu.id, use, keeper))}
    />
  );
}
