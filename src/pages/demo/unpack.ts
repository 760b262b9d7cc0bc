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
    const bytes = Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (error) {
    throw new Error('This page is not whole: it was changed or cut on its way. Copy it again.', { cause: error });
  }
}
