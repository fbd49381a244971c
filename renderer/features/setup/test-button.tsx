// Tries what was answered so far, before anything is made of it.
import { FlaskConical } from 'lucide-react';
import { Button } from '../../ui/button.tsx';
import { t } from '../../language/strings.ts';

interface TestButtonProps {
  readonly words: string;
  /** It is being asked. */
  readonly isTrying: boolean;
  /** What has to be answered before; `null`: nothing. */
  readonly lacks: string | null;
  onTest(): void;
}

export function TestButton({ words, isTrying, lacks, onTest }: TestButtonProps) {
  return (
    <div>
      <Button icon={FlaskConical} blockedBy={isTrying ? t('It is being asked') : lacks} onClick={onTest}>
        {isTrying ? t('Asking…') : words}
      </Button>
    </div>
  );
}
