/** The page: its head, the samples, what is predicted of one of them, and the model's card. */
import { useEffect, useMemo } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import type { ExportedModel } from '../../deploy/exported-model.ts';
import type { DemoContent } from '../../demo/content.ts';
import { announce, LiveRegion } from '../base/announcer.tsx';
import { Card, taskText } from './card.tsx';
import { exploring } from './explore.ts';
import { Modalities } from './modalities.tsx';
import { OwnSample } from './own-sample.tsx';
import { outputsOf, predictedText } from './outputs.ts';
import { PredictionView } from './prediction.tsx';
import { SampleList } from './sample-list.tsx';
import { sampleLists, type Entry } from './samples.ts';

/** The model once it has started, or why it has not. */
export type Opened = { readonly model: ExportedModel; readonly milliseconds: number } | { readonly problem: string };

export function App({ content, opened }: { readonly content: DemoContent; readonly opened: Opened | undefined }) {
  const { card, version } = content;
  const names = card.modalities.map(({ name }) => name);
  return (
    <>
      <header>
        <h1>
          {card.title} on {card.dataset}
        </h1>
        <p>
          Predicts {taskText(card)}; from {listed(names)}. The model runs in this page, and nothing that you give it
          leaves your computer.
        </p>
      </header>
      <main>
        {!opened && <p role="status">Starting the model …</p>}
        {opened && 'problem' in opened && (
          <p class="bad" role="alert">
            {opened.problem}
          </p>
        )}
        {opened && 'model' in opened && <Demo content={content} {...opened} />}
        <Card content={content} />
      </main>
      <footer class="quiet small">
        <p>
          Made by decalign {version} (<code>decalign export --demo</code>). The page asks for nothing from any network.
        </p>
        <Notices />
      </footer>
      <LiveRegion />
    </>
  );
}

const listed = (names: readonly string[]): string =>
  names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}` : names.join('');

interface DemoProps {
  readonly content: DemoContent;
  readonly model: ExportedModel;
  /** What starting it took. */
  readonly milliseconds: number;
}

function Demo({ content, model, milliseconds }: DemoProps) {
  const { card } = content;
  const { description } = model;
  const chosen = useSignal<Entry | undefined>(undefined);
  const { lists, explore, outputs } = useMemo(
    () => ({
      lists: sampleLists(model, content, description),
      explore: exploring(model, content),
      outputs: outputsOf(card.task, description.thresholds),
    }),
    [model, content],
  );
  const choose = (entry: Entry): void => {
    chosen.value = entry;
    void explore.choose(entry.sample).then(() => {
      const { value } = explore.explored;
      if (value?.now) announce(`${entry.sample.id}: ${predictedText(card.task, outputs, value.now)}`);
      return lists.predict();
    });
  };
  useEffect(() => {
    const made = lists.another();
    choose(lists.entries.value[0] ?? made);
  }, [lists]);
  const explored = explore.explored.value;
  const entry = chosen.value;
  return (
    <div class="demo">
      <div class="left">
        <section aria-labelledby="samples">
          <h2 id="samples">Sample</h2>
          <SampleList {...{ card, outputs, lists, choose }} from={content.from} chosen={entry} />
        </section>
        <OwnSample {...{ card, description, lists, choose }} chosen={entry} />
      </div>
      <div class="right">
        <section aria-labelledby="prediction" class="prediction">
          <h2 id="prediction">Prediction {entry && <span class="quiet small">of {entry.sample.id}</span>}</h2>
          {entry?.text !== undefined && <blockquote>{entry.text}</blockquote>}
          {explore.problem.value !== undefined && <p class="bad">{explore.problem.value}</p>}
          {explored && entry && explored.sample === entry.sample && (
            <PredictionView {...{ card, outputs, entry, explored }} />
          )}
          <Latency times={explore.times.value} milliseconds={milliseconds} />
        </section>
        {explored && explored.sample === entry?.sample && (
          <Modalities {...{ content, outputs, explored }} exploring={explore} />
        )}
      </div>
    </div>
  );
}

function Latency({ times, milliseconds }: { readonly times: readonly number[]; readonly milliseconds: number }) {
  if (times.length === 0) return undefined;
  const sorted = times.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)]!;
  return (
    <p class="quiet small latency">
      {median.toFixed(1)} ms a prediction in this browser, on one thread
      {times.length > 1 && ` (median of ${times.length})`}; ready after {(milliseconds / 1000).toFixed(1)} s.
    </p>
  );
}

/** The licences of what the page holds ask that they be told. */
const Notices = () => (
  <details>
    <summary>Licences</summary>
    <p>
      This page holds parts of ONNX Runtime (© Microsoft Corporation), Preact (© 2015-present Jason Miller), Preact
      Signals (© 2022-present Preact Team) and decalign, all under the MIT licence:
    </p>
    <p>
      Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
      documentation files (the "Software"), to deal in the Software without restriction, including without limitation
      the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and
      to permit persons to whom the Software is furnished to do so, subject to the following conditions: The above
      copyright notice and this permission notice shall be included in all copies or substantial portions of the
      Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT
      LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT
      SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION
      OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER
      DEALINGS IN THE SOFTWARE.
    </p>
  </details>
);
