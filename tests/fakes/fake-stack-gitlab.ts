// A GitLab as its administrator sees it, in memory: tokens, settings, hooks. It outlives the core.
import { z } from 'zod';
import type { ConnectGitlabAdmin, GitlabPolicy } from '../../main/stack-ports.ts';
import type { ExecCall, ExecResult } from './fake-stack-compose.ts';
import { stackFailure, StackFaults } from './fake-stack-faults.ts';

interface Token {
  readonly name?: string;
  readonly scopes: readonly string[];
  readonly expiresAt: number | null;
}

const wishSchema = z.object({ name: z.string(), scopes: z.array(z.string()), days: z.number() });

/** A GitLab behind an address; `connect` is the port. */
export class FakeGitlabServer {
  readonly faults: StackFaults;
  readonly tokens = new Map<string, Token>();
  /** Every token that was ever made, also those that have ended. */
  readonly tokensEver: string[] = [];
  /** How each connection was asked for. */
  readonly places: Parameters<ConnectGitlabAdmin>[0][] = [];
  settings: GitlabPolicy = { signup_enabled: true, minimum_password_length: 8, default_branch_name: '' };
  /** Settings that GitLab takes and does not keep. */
  readonly stubborn = new Set<string>();
  hooks: readonly { readonly id: number; readonly url: string; readonly token: string }[] = [];
  email = 'admin@example.com';
  version = '19.3.0';
  isAdmin = true;
  /** While false nothing answers. */
  isUp = true;
  now = (): number => 0;
  #serial = 0;

  constructor(faults: StackFaults = new StackFaults()) {
    this.faults = faults;
  }

  /** What `gitlab-rails runner -` does with the script of AutoGit: for `FakeCompose.onExec`. */
  railsRunner = ({ input }: ExecCall): ExecResult => {
    const line = /^# autogit: (.*)$/m.exec(input)?.[1];
    if (line === undefined) return { code: 1, stdout: '', stderr: 'no wish in the script' };
    const { name, scopes, days } = wishSchema.parse(JSON.parse(line));
    for (const [token, facts] of this.tokens) if (facts.name === name) this.tokens.delete(token);
    this.#serial += 1;
    const token = `glpat-made${String(this.#serial).padStart(16, '0')}`;
    this.addToken(token, { name, scopes, expiresAt: this.now() + days * 86_400_000 });
    return { code: 0, stdout: `Some warning of Rails\n${token}\n`, stderr: '' };
  };

  addToken(token: string, facts: Token): void {
    this.tokens.set(token, facts);
    this.tokensEver.push(token);
  }

  readonly connect: ConnectGitlabAdmin = (place, token) => {
    const { url } = place;
    this.places.push(place);
    const call = <T>(name: string, effect: (facts: Token) => T): Promise<T> =>
      this.faults.around(`gitlab.${name}`, () => {
        if (!this.isUp) throw stackFailure('gitlab.unreachable', `${url} does not answer.`);
        const facts = this.tokens.get(token);
        if (facts === undefined) throw stackFailure('gitlab.unauthorized');
        return effect(facts);
      });
    return {
      who: () =>
        call('who', ({ scopes, expiresAt }) => ({
          ...{ version: this.version, username: 'root', admin: this.isAdmin, scopes, expiresAt },
        })),
      settings: () => call('settings', () => this.settings),
      changeSettings: (change) =>
        call(`changeSettings ${Object.keys(change).join(' ')}`, () => {
          const kept = Object.entries(change).filter(([name]) => !this.stubborn.has(name));
          this.settings = { ...this.settings, ...Object.fromEntries(kept) };
          return this.settings;
        }),
      rotateToken: (expiresAt) =>
        call('rotateToken', (facts) => {
          this.#serial += 1;
          const next = `glpat-rotated${String(this.#serial).padStart(13, '0')}`;
          this.tokens.delete(token);
          this.addToken(next, { ...facts, expiresAt });
          return next;
        }),
      setEmail: (email) =>
        call('setEmail', () => {
          this.email = email;
        }),
      systemHooks: () => call('systemHooks', () => this.hooks.map(({ id, url: to }) => ({ id, url: to }))),
      addSystemHook: (to, secret) =>
        call('addSystemHook', () => {
          this.#serial += 1;
          this.hooks = [...this.hooks, { id: this.#serial, url: to, token: secret }];
        }),
      removeSystemHook: (id) =>
        call('removeSystemHook', () => {
          this.hooks = this.hooks.filter((hook) => hook.id !== id);
        }),
    };
  };
}
