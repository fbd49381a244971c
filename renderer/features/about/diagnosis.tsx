// What a helper needs, as one archive: first it says what will be in it, then what is, and only then it is saved.
import { Download, PackageSearch } from 'lucide-react';
import { useState } from 'react';
import type { Output } from '../../../main/contract/contract.ts';
import type { Tried } from '../../state/use-try.ts';
import { zipOf } from '../../state/zip.ts';
import { Button } from '../../ui/button.tsx';
import { Command } from '../../ui/copyable.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import styles from './about.module.css';
import { count, t } from '../../language/strings.ts';

type Collected = Output<'diagnose.collect'>;

/** `autogit-diagnose-20260102-030405`, as the command line names it. */
function nameOf(at: number): string {
  const stamp = new Date(at).toISOString().replaceAll(/[-:]|\..*/g, '');
  return `autogit-diagnose-${stamp.replace('T', '-')}`;
}

/** Hands a file to the browser, which asks where it goes. */
function save({ at, files }: Collected): void {
  const folder = nameOf(at);
  const zip = zipOf(
    files.map(({ path, text }) => ({ path: `${folder}/${path}`, text })),
    at,
  );
  const url = URL.createObjectURL(new Blob([zip], { type: 'application/zip' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${folder}.zip`;
  link.click();
  URL.revokeObjectURL(url);
}

function Contents({ collected, onClose }: { readonly collected: Collected; onClose(): void }) {
  const [open, setOpen] = useState<string | null>(null);
  const text = collected.files.find(({ path }) => path === open)?.text ?? null;
  return (
    <Dialog
      title={t('What a helper would see')}
      isWide
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('Close')}</Button>
          <Button look="primary" icon={Download} onClick={() => save(collected)}>
            {t('Save the archive')}
          </Button>
        </>
      }
    >
      <p>{t('Nothing has left this machine. Press a file to read it before you hand it on.')}</p>
      <ul className={styles.files}>
        {collected.files.map(({ path, text: content }) => (
          <li key={path}>
            <button
              type="button"
              aria-expanded={path === open}
              onClick={() => setOpen(path === open ? null : path)}
            >
              <span className={styles.name}>{path}</span>
              <span className={styles.quiet}>
                {count(content.length, '{{n}} character', '{{n}} characters')}
              </span>
            </button>
            {path === open && text !== null && (
              <pre className={styles.text} tabIndex={0}>
                {text.slice(0, 100_000)}
              </pre>
            )}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

export function Diagnosis({ bundle }: { readonly bundle: Tried<Collected> }) {
  return (
    <div className={styles.diagnosis}>
      <p>
        {t(
          "One archive with versions, findings of the doctor, facts of the machine, settings, state, the audit log, files and logs of the stack, and AutoGit's own log. Passwords, tokens, keys and addresses with credentials are taken out; names of projects, people and machines are not.",
        )}
      </p>
      <Button
        icon={PackageSearch}
        blockedBy={bundle.isTrying ? t('It is being put together') : null}
        onClick={() => void bundle.tryIt((client) => client.call('diagnose.collect', {}))}
      >
        {bundle.isTrying ? t('Putting it together…') : t('Put it together and look')}
      </Button>
      {bundle.error !== null && <ErrorNote problem={bundle.error} />}
      {bundle.value !== null && <Contents collected={bundle.value} onClose={bundle.forget} />}
      <Command line="autogit diagnose" />
    </div>
  );
}
