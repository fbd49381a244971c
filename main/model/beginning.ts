// The beginning of a text that comes in parts, whatever its length.

/** At most so many characters; what comes after them is not waited for. Rejects as the parts do. */
export async function beginningOf(parts: AsyncIterable<unknown>, most: number): Promise<string> {
  let text = '';
  for await (const part of parts) {
    text += String(part);
    if (text.length >= most) break;
  }
  return text.slice(0, most);
}
