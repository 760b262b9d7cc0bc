/** What the page holds as data: compressed bytes, as letters. */

/** The bytes of the element with that id, which gives its letters back: they are of no further use. */
export async function unpacked(id: string): Promise<Uint8Array> {
  const element = document.getElementById(id);
  if (!element) throw new Error('This page is not whole: it was cut when it was copied. Copy or export it again.');
  const letters = atob(element.textContent);
  element.remove();
  const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
