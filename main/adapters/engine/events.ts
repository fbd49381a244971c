// The engine's stream of events, in Docker's words.
import { z } from 'zod';
import { label } from '../../model/labels.ts';
import type { Engine } from '../../ports.ts';
import { readDocuments } from './answers.ts';
import { connectionError, silenceError } from './errors.ts';
import { type Transport, ordinaryDeadline } from './transport.ts';

const event = z.object({
  Type: z.string(),
  Action: z.string(),
  Actor: z.object({
    ID: z.string(),
    // Labels of a container are among its attributes.
    Attributes: z.object({ name: z.string().optional(), [label.runner]: z.string().optional() }).nullish(),
  }),
});

/** Podman's words where they are not Docker's; `cleanup` follows the end of a container. */
const podmanActions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  container: { remove: 'destroy', died: 'die', cleanup: 'die', exec_died: 'exec_die' },
  image: { remove: 'delete' },
  network: { remove: 'destroy' },
  volume: { remove: 'destroy' },
};

/** Docker's word for what happened, without the command that it appends to `exec_create`. */
export function parseAction(type: string, word: string): string {
  const action = word.split(':', 1)[0] ?? word;
  return podmanActions[type]?.[action] ?? action;
}

const purpose = 'report what happens';

/** The event call of the port. */
export function eventCalls(transport: Transport): Pick<Engine, 'watch'> {
  const lost = (cause: unknown): Error => connectionError(transport.host, cause);

  const open = async (signal: AbortSignal): ReturnType<Transport['open']> => {
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(), ordinaryDeadline);
    const query = { filters: JSON.stringify({ type: ['container', 'image', 'network', 'volume'] }) };
    const request = { purpose, method: 'GET', path: '/events', query } as const;
    try {
      return await transport.open(request, AbortSignal.any([signal, silence.signal]));
    } catch (error) {
      if (silence.signal.aborted) throw silenceError(transport.host, purpose, ordinaryDeadline / 1000);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    async watch(onEvent, signal) {
      try {
        const response = await open(signal);
        for await (const { Type, Action, Actor } of readDocuments(event, response, purpose)) {
          const name = Actor.Attributes?.name;
          const runner = Actor.Attributes?.[label.runner];
          onEvent({
            ...{ type: Type, action: parseAction(Type, Action), id: Actor.ID },
            ...(name === undefined ? {} : { name }),
            ...(runner === undefined || runner === '' ? {} : { runner }),
          });
        }
      } catch (error) {
        if (signal.aborted) return;
        throw lost(error);
      }
      if (!signal.aborted) throw lost(new Error('the engine ended its events'));
    },
  };
}
