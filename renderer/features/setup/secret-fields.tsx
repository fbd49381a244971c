// Secrets that a step asks for: typed here, given to the secrets of the home with the way on, and in no draft.
import { Fields, TextField } from '../../ui/field.tsx';
import type { Install } from './use-install.ts';
import { t } from '../../language/strings.ts';

export interface AskedSecret {
  /** The stack's name of it. */
  readonly secret: string;
  readonly label: string;
  readonly help?: string;
}

interface SecretFieldsProps {
  readonly install: Install;
  readonly secrets: readonly AskedSecret[];
}

function helpWith(help: string | undefined): string {
  const kept = t(
    'Kept encrypted in this home when you go on, and in no answer. It can be left for the plan.',
  );
  return help === undefined ? kept : `${help} ${kept}`;
}

export function SecretFields({ install, secrets }: SecretFieldsProps) {
  if (secrets.length === 0) return null;
  return (
    <Fields>
      {secrets.map(({ secret, label, help }) => {
        const isKept = install.kept.has(secret) && (install.secrets[secret] ?? '') === '';
        return (
          <TextField
            key={secret}
            name={`secret.${secret}`}
            kind="secret"
            isWide
            label={label}
            placeholder={isKept ? t('kept') : undefined}
            help={
              isKept ? t('It is kept, encrypted in this home. Type another to change it.') : helpWith(help)
            }
            value={install.secrets[secret] ?? ''}
            onChange={(text) => install.type(secret, text)}
          />
        );
      })}
    </Fields>
  );
}
