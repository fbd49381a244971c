// What a page that is shown to other devices answers.

export interface SharedAnswer {
  /** `text/html; charset=utf-8` */
  readonly type: string;
  /** A text, or bytes in base64. */
  readonly body: string;
  readonly isBase64: boolean;
  /** Text of the page's one style element, which its policy has to allow; `null`: it has none. */
  readonly style: string | null;
  /** Name under which browsers keep it; `null`: they show it. */
  readonly file: string | null;
}
