import { render } from 'preact';
import './main.css';
import { App, type Opened } from './app.tsx';
import { contentOfPage, openModel } from './open.ts';
import { sentence } from './sentence.ts';

const root = document.getElementById('page')!;
const start = performance.now();

try {
  const content = await contentOfPage();
  root.replaceChildren();
  render(<App content={content} opened={undefined} />, root);
  const opened = await openModel(content).then(
    (model): Opened => ({ model, milliseconds: performance.now() - start }),
    (error: unknown): Opened => ({ problem: textOf(error) }),
  );
  render(<App content={content} opened={opened} />, root);
} catch (error) {
  root.replaceChildren(textOf(error));
}

function textOf(error: unknown): string {
  return sentence(error instanceof Error ? error.message : String(error));
}
