/** How the page looks: light and dark, wide and narrow, on paper. It asks for no file, font or script. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #ffffff; --ink: #1d2127; --quiet: #555d68; --line: #d5dae1; --shade: #f3f5f8; --mark: #0b5cad; --warn: #8a4b00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171c; --ink: #e4e8ee; --quiet: #a5afbc; --line: #363d47; --shade: #1e232a; --mark: #86bdf5; --warn: #f0b46a;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, Arial, sans-serif;
}
header, main, footer { max-width: 76rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 1.75rem; }
footer { padding-top: 1rem; padding-bottom: 2.5rem; color: var(--quiet); font-size: 0.875rem; border-top: 1px solid var(--line); margin-top: 3rem; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: 0 0 0.5rem; }
h2 { font-size: 1.3rem; line-height: 1.3; margin: 2.5rem 0 0.75rem; padding-top: 0.75rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.5rem 0 0.5rem; }
h1, h2, h3, td, th, figcaption, li, p, pre { overflow-wrap: anywhere; }
td, th { overflow-wrap: normal; }
p, ul { margin: 0.5rem 0; max-width: 50rem; }
.lede { font-size: 1.05rem; }
.note { color: var(--quiet); font-size: 0.875rem; }
.warn { color: var(--warn); }
a { color: var(--mark); }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.1rem; list-style: none; padding: 0; margin: 1rem 0 0; max-width: none; }
.scroll { overflow-x: auto; margin: 0.5rem 0 0.75rem; }
.scroll:focus-visible, summary:focus-visible, a:focus-visible { outline: 2px solid var(--mark); outline-offset: 2px; }
table { border-collapse: collapse; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--quiet); padding: 0 0 0.35rem; caption-side: top; }
th, td { padding: 0.35rem 0.75rem 0.35rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
thead th { border-bottom: 2px solid var(--line); vertical-align: bottom; white-space: nowrap; }
th.number, td.number { text-align: right; }
td.number { white-space: nowrap; }
thead th.number { white-space: normal; max-width: 6.5rem; }
tbody th { font-weight: 600; min-width: 7rem; }
tr.reference th, tr.reference td { color: var(--quiet); font-weight: normal; }
th .range { font-weight: normal; }
td .range, th .range { display: block; color: var(--quiet); font-size: 0.8125rem; }
td.long { min-width: 14rem; max-width: 30rem; overflow-wrap: anywhere; }
td strong { font-weight: 700; }
code, pre { font: 0.8125rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre { background: var(--shade); border-radius: 6px; padding: 0.75rem 1rem; margin: 0.5rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
details { margin: 0.75rem 0; }
summary { cursor: pointer; color: var(--mark); width: fit-content; }
.figures { display: flex; flex-wrap: wrap; gap: 1.25rem; align-items: flex-start; }
figure { margin: 0; max-width: 100%; }
.paper { background: #ffffff; border: 1px solid var(--line); border-radius: 6px; padding: 0.75rem; overflow-x: auto; }
.paper svg { display: block; }
/* Letters of a paper are small on a screen. */
@media screen and (min-width: 64rem) { .paper svg { zoom: 1.25; } }
figcaption { color: var(--quiet); font-size: 0.875rem; padding-top: 0.35rem; contain: inline-size; }
@media (max-width: 40rem) {
  body { font-size: 15px; }
  header, main, footer { padding-left: 0.9rem; padding-right: 0.9rem; }
  h1 { font-size: 1.4rem; }
  .paper { padding: 0.4rem; }
}
@media print {
  :root { --ground: #ffffff; --ink: #000000; --quiet: #444444; --line: #bbbbbb; --shade: #f4f4f4; --mark: #000000; --warn: #000000; }
  body { font-size: 10pt; }
  header, main, footer { max-width: none; padding: 0; }
  nav { display: none; }
  h2, h3 { break-after: avoid; }
  figure, tr, pre { break-inside: avoid; }
  .scroll, .paper { overflow: visible; }
  .paper { border: 0; padding: 0; }
  .paper svg { max-width: 100%; height: auto; }
  table { font-size: 7.5pt; }
  th, td { padding-right: 0.4rem; }
  details::details-content { content-visibility: visible; block-size: auto; }
  summary { color: inherit; list-style: none; }
}
`;
