// The token of the sandbox: hidden, and ready to be copied.
import { Copyable } from './copyable.tsx';

export function SandboxToken({ token }: { readonly token: string | null }) {
  if (token === null) return 'none yet';
  return <Copyable text={token} shown={'•'.repeat(12)} what="the token, which opens only the sandbox" />;
}
