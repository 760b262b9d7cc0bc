/** HTML as tagged templates: what is put into one is escaped, unless it is HTML itself. */

/** A piece of HTML that is safe to be put into a page. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = Html | string | number | undefined | readonly Part[];

/** The HTML of a template. Texts and numbers are escaped, lists are joined, and nothing stands for undefined. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  new Html(strings.map((string, n) => `${string}${n < parts.length ? textOf(parts[n]) : ''}`).join(''));

/** A text that is HTML already, such as a picture in SVG. Nothing of a user's may be in it that was not escaped. */
export const verbatim = (text: string): Html => new Html(text);

function textOf(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(textOf).join('');
  return escaped(String(part));
}

const entities: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;' },
  ...{ '"': '&quot;', "'": '&#39;' },
};

/** A text as HTML shows it, in an attribute too. Control characters, which no page may have, are shown as what they are not. */
const escaped = (text: string): string =>
  text
    .replaceAll(/[&<>"']/g, (letter) => entities[letter]!)
    // eslint-disable-next-line no-control-regex
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, '\ufffd')
    .replaceAll(/\p{Surrogate}/gu, '\ufffd');
