// Image names: what a person writes, and the longer names under which engines keep them.

/** The short form of an image's name: Podman adds `docker.io/library/` or `localhost/` to names without a host. */
export function shortReference(reference: string): string {
  return reference.replace(/^(?:docker\.io\/library\/|docker\.io\/|localhost\/)/, '');
}

/** Splits `name:tag` or `name@digest`; a name without either means `latest`. Ports of registries have colons too. */
export function splitReference(reference: string): { readonly name: string; readonly tag: string } {
  const [, name, digest] = /^(.+?)@(.+)$/.exec(reference) ?? [];
  if (name !== undefined && digest !== undefined) return { name, tag: digest };
  const colon = reference.lastIndexOf(':');
  if (colon <= reference.lastIndexOf('/')) return { name: reference, tag: 'latest' };
  return { name: reference.slice(0, colon), tag: reference.slice(colon + 1) };
}
