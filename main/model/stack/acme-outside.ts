// What others say of a way to certificates: the provider of names about credentials, the Internet about a domain.

/** What came of trying whether credentials let the record be made that Let's Encrypt looks for. */
export type TokenVerdict =
  | { readonly kind: 'good'; readonly zone: string }
  | {
      /**
       * `no-zone`: the credentials are right, and the domain lies in none of their zones; `read-only`: the zone is there,
       * and may not be written to; `busy`: too many questions; `occupied`: a record is there that is not ours to touch;
       * `left`: it was made, and could not be removed again; `not-tried`: nobody can find out.
       */
      readonly kind:
        | 'incomplete'
        | 'wrong-token'
        | 'no-zone'
        | 'read-only'
        | 'unreachable'
        | 'busy'
        | 'occupied'
        | 'left'
        | 'not-tried';
      /** The provider's own words, or what is missing; never a secret. */
      readonly said: string;
    };

/** What name servers of the Internet say of a domain. `null` everywhere: nobody could be asked. */
export interface PublicDomain {
  /** The zone in which it lies, by its SOA; '' for a domain that nobody has registered. */
  readonly zone: string | null;
  /** CAA records that count for it, and where they stand; `[]`: none. */
  readonly caa: { readonly at: string; readonly records: readonly PublicCaa[] } | null;
}

export interface PublicCaa {
  /** `issue`, `issuewild`, `iodef` or another. */
  readonly tag: string;
  readonly value: string;
  readonly critical: boolean;
}

export interface PublicName {
  readonly addresses: readonly string[];
  readonly addresses6: readonly string[];
}
