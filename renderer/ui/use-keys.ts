// Keys that work everywhere but where somebody writes.
import { useEffect } from 'react';

function isWriting(target: EventTarget | null): boolean {
  const isField =
    target instanceof HTMLInputElement ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement;
  return isField || document.querySelector('dialog[open]') !== null;
}

/** `onKey` says whether it has used the key. Pass a function that stays the same. */
export function useKeys(onKey: (key: string) => boolean): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (!isWriting(event.target) && onKey(event.key)) event.preventDefault();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [onKey]);
}
