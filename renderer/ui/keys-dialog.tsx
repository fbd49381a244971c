// What the keyboard can do.
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import styles from './keys-dialog.module.css';

const keys = [
  ['1 to 8', 'The pages, in the order in which they are listed'],
  ['/', 'Look for jobs, runners, pools or people'],
  ['↓ ↑ or j k', 'Walk through a list'],
  ['Enter', 'Open the row'],
  ['Home End, Page ↑ ↓', 'Walk in leaps'],
  ['Escape', 'Close what is open beside the list, or a question'],
  ['?', 'This list'],
] as const;

export function KeysDialog({ onClose }: { onClose(): void }) {
  return (
    <Dialog title="Keyboard" onClose={onClose} actions={<Button onClick={onClose}>Close</Button>}>
      <dl className={styles.keys}>
        {keys.map(([key, words]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
