// What a person does one after another.
import styles from './steps.module.css';

interface StepsProps {
  /** Of what they are, for those who do not see it. */
  readonly label: string;
  readonly steps: readonly string[];
}

export function Steps({ label, steps }: StepsProps) {
  return (
    <ol className={styles.steps} aria-label={label}>
      {steps.map((step) => (
        <li key={step}>{step}</li>
      ))}
    </ol>
  );
}
