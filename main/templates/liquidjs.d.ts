// What is used of Liquid, built without a file system. Its own types bring Node's along, which pure folders do not know.
declare module 'liquidjs/dist/liquid.browser.mjs' {
  export interface Filter {
    readonly name: string;
  }

  export interface TopLevelToken {
    getText(): string;
  }

  export interface OutputToken extends TopLevelToken {
    /** What stands between the braces. */
    readonly content: string;
  }

  export interface Options {
    readonly strictVariables: boolean;
    readonly strictFilters: boolean;
    readonly ownPropertyOnly: boolean;
    readonly outputEscape: (value: unknown) => string;
    readonly templates: Readonly<Record<string, string>>;
    readonly cache: boolean;
    readonly relativeReference: boolean;
    readonly parseLimit: number;
    readonly renderLimit: number;
    readonly memoryLimit: number;
  }

  export class Liquid {
    readonly options: Options & { readonly operators: Readonly<Record<string, unknown>> };
    readonly filters: Record<string, unknown>;
    readonly tags: Record<string, unknown>;
    constructor(options: Options);
    registerFilter(name: string, filter: (value: unknown) => unknown): void;
    unregisterFilter(name: string): void;
    parseAndRenderSync(text: string, scope: object, options: { readonly templateLimit: number }): unknown;
    evalValueSync(expression: string, scope: object): unknown;
  }

  export class Tokenizer {
    constructor(text: string, operators: Readonly<Record<string, unknown>>);
    readTopLevelTokens(options: Liquid['options']): readonly TopLevelToken[];
  }

  export class Value {
    readonly filters: readonly Filter[];
    constructor(text: string, liquid: Liquid);
  }

  export const TypeGuards: { readonly isOutputToken: (token: unknown) => token is OutputToken };
}
