// The token of the sandbox: hidden, and ready to be copied.
import { Copyable } from './copyable.tsx';
import { t } from '../language/strings.ts';

export function SandboxToken({ token }: { readonly token: string | null }) {
  if (token === null) return t('none yet');
  return <Copyable text={token} shown={'•'.repeat(12)} what={t('the token, which opens only the sandbox')} />;
}
