// Draining and resuming: one of the two is always the thing to do.
import { CirclePause, CirclePlay } from 'lucide-react';
import { drainLab, resumeLab } from '../state/deeds.ts';
import { useLab, useSnapshot } from '../state/use-live.ts';
import { Button } from './button.tsx';
import { t } from '../language/strings.ts';

export function ModeButton() {
  const { deeds } = useLab();
  const mode = useSnapshot((snapshot) => snapshot.mode);
  if (mode === null) return null;
  if (mode === 'serve') {
    return (
      <Button icon={CirclePause} onClick={() => deeds.ask(drainLab)}>
        {t('Drain')}
      </Button>
    );
  }
  return (
    <Button look="primary" icon={CirclePlay} onClick={() => deeds.ask(resumeLab)}>
      {t('Resume')}
    </Button>
  );
}
