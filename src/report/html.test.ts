import { expect, test } from 'vitest';
import { html, verbatim } from './html.ts';

test('texts are escaped, in elements and in attributes; HTML and lists of it are not', () => {
  const hostile = `<script>alert("1") & 'more'</script>`;
  const safe = '&lt;script&gt;alert(&quot;1&quot;) &amp; &#39;more&#39;&lt;/script&gt;';
  expect(html`<p title="${hostile}">${hostile}</p>`.text).toBe(`<p title="${safe}">${safe}</p>`);
  expect(html`<i>${['<a>', 2].map((item) => html`<b>${item}</b>`)}</i>`.text).toBe('<i><b>&lt;a&gt;</b><b>2</b></i>');
  expect(html`${verbatim('<svg/>')}${undefined}`.text).toBe('<svg/>');
});

test('an entity in a text is a text, and what no page may hold is replaced', () => {
  expect(html`${'&lt;b&gt;'}`.text).toBe('&amp;lt;b&amp;gt;');
  expect(html`${'a\u0000b\u001bc\ud800d\ne'}`.text).toBe('a\ufffdb\ufffdc\ufffdd\ne');
});
