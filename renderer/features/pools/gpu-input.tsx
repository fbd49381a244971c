// The GPUs that each runner of a pool gets, in parts: how many, of whom, how large, and whether others share them.
import { useId } from 'react';
import type { ReactNode } from 'react';
import { gpuVendors } from '../../../main/model/gpu.ts';
import type { RequestField } from '../../../main/contract/fields.ts';
import { joinGpuParts, splitGpuText, vendorWords } from '../../state/gpu-need.ts';
import type { GpuParts } from '../../state/gpu-need.ts';
import { gigabytes } from '../../state/words.ts';
import { Fields } from '../../ui/field.tsx';
import type { ControlProps } from '../../ui/field.tsx';
import styles from './pool-dialog.module.css';
import { t } from '../../language/strings.ts';

/** What every input of the form is given. */
export interface InputProps {
  readonly field: RequestField;
  readonly text: string;
  readonly common: ControlProps;
  onChange(text: string): void;
}

interface PartProps {
  readonly label: string;
  /** Draws the input that has this id. */
  children(id: string): ReactNode;
}

function Part({ label, children }: PartProps) {
  const id = useId();
  return (
    <div className={styles.part}>
      <label htmlFor={id}>{label}</label>
      {children(id)}
    </div>
  );
}

interface AmountProps {
  readonly id: string;
  readonly value: string;
  readonly isMemory?: boolean;
  readonly placeholder?: string;
  onChange(value: string): void;
}

function Amount({ id, value, isMemory = false, placeholder, onChange }: AmountProps) {
  const digits = /^\d+$/.test(value) ? Number(value) : null;
  return (
    <span className={styles.measure}>
      <input
        id={id}
        type="text"
        inputMode="numeric"
        autoComplete="off"
        placeholder={placeholder}
        value={value}
        onChange={(event) => onChange(event.target.value.replaceAll(/\D/g, ''))}
      />
      {isMemory && <span>{digits === null ? 'MiB' : t('MiB = {{size}}', { size: gigabytes(digits) })}</span>}
    </span>
  );
}

const modes = [
  ['exclusive', t('for one runner alone')],
  ['shared', t('shared by some runners')],
  ['fraction', t('a part of its memory')],
] as const;

interface PartsProps {
  readonly parts: GpuParts;
  set(change: Partial<GpuParts>): void;
}

function Parts({ parts, set }: PartsProps) {
  return (
    <Fields>
      <Part label={t('Made by')}>
        {(id) => (
          <select id={id} value={parts.vendor} onChange={({ target }) => set({ vendor: target.value })}>
            <option value="">{t('anybody')}</option>
            {gpuVendors.map((vendor) => (
              <option key={vendor} value={vendor}>
                {vendorWords(vendor)}
              </option>
            ))}
          </select>
        )}
      </Part>
      <Part label={t('Memory of each, at least')}>
        {(id) => (
          <Amount
            isMemory
            placeholder={t('any')}
            id={id}
            value={parts.memoryMiB}
            onChange={(memoryMiB) => set({ memoryMiB })}
          />
        )}
      </Part>
      <Part label={t('Each GPU is')}>
        {(id) => (
          <select id={id} value={parts.mode} onChange={({ target }) => set({ mode: target.value })}>
            {modes.map(([mode, words]) => (
              <option key={mode} value={mode}>
                {words}
              </option>
            ))}
          </select>
        )}
      </Part>
      {parts.mode === 'shared' && (
        <Part label={t('Most runners on one GPU')}>
          {(id) => (
            <Amount id={id} value={parts.jobsPerCard} onChange={(jobsPerCard) => set({ jobsPerCard })} />
          )}
        </Part>
      )}
      {parts.mode === 'fraction' && (
        <Part label={t('Memory counted as taken')}>
          {(id) => (
            <Amount
              isMemory
              id={id}
              value={parts.fractionMiB}
              onChange={(fractionMiB) => set({ fractionMiB })}
            />
          )}
        </Part>
      )}
    </Fields>
  );
}

export function GpuInput({ text, common, onChange }: InputProps) {
  const parts = splitGpuText(text);
  const set = (change: Partial<GpuParts>): void => onChange(joinGpuParts({ ...parts, ...change }));
  return (
    <>
      <select {...common} value={parts.count} onChange={({ target }) => set({ count: target.value })}>
        {Array.from({ length: 17 }, (_, count) => (
          <option key={count} value={count}>
            {count === 0 ? t('none') : count}
          </option>
        ))}
      </select>
      {text !== '' && <Parts parts={parts} set={set} />}
    </>
  );
}
