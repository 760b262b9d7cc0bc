/** What the page holds as data: compressed bytes, as letters. */

/**
 * The bytes of the element with that id, which goes: its letters are of no further use. Throws an Error where the page is not
 * as it was made.
 */
export async function unpacked(id: string): Promise<Uint8Array> {
  const element = document.getElementById(id);
  const letters = element?.textContent ?? '';
  element?.remove();
  try {
    const stream = new Blob([bytesOf(atob(letters))]).stream().pipeThrough(new DecompressionStream('gzip'));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (error) {
    throw new Error('This page is not whole: it was changed or cut on its way. Copy it again.', { cause: error });
  }
}

/** A loop: to go through a hundred million letters one object after another takes seconds. */
function bytesOf(letters: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes;
}
