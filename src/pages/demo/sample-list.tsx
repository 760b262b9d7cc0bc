/** The samples that can be looked at, one of which is. */
import type { DemoCard } from '../../demo/content.ts';
import { labelText, predictedText, type Output } from './outputs.ts';
import { sources, type Entry, type SampleLists, type Source } from './samples.ts';

interface SampleListProps {
  readonly card: DemoCard;
  /** What those of the data are. */
  readonly from: string | undefined;
  readonly outputs: readonly Output[];
  readonly lists: SampleLists;
  readonly chosen: Entry | undefined;
  readonly choose: (entry: Entry) => void;
}

export function SampleList({ card, from, outputs, lists, chosen, choose }: SampleListProps) {
  const titles: Readonly<Record<Source, string | undefined>> = { data: from, yours: 'Yours', 'made up': 'Made up' };
  const entries = lists.entries.value;
  return (
    <>
      {sources.map((source) => {
        const own = entries.filter((entry) => entry.source === source);
        if (own.length === 0) return undefined;
        return (
          <fieldset key={source} class="samples">
            <legend>{titles[source]}</legend>
            <ul class={outputs.length > 1 && card.task.kind !== 'classification' ? 'scrolled several' : 'scrolled'}>
              {own.map((entry, n) => (
                <li key={n}>
                  <label class="sample">
                    <input type="radio" name="sample" checked={entry === chosen} onChange={() => choose(entry)} />
                    <span class="id">{entry.sample.id}</span>
                    <Predicted {...{ card, outputs, lists, entry }} />
                  </label>
                </li>
              ))}
            </ul>
            {source === 'made up' && (
              <>
                <p class="quiet small">
                  Random numbers about what is usual. What is predicted of them means nothing: it shows that the model
                  runs.
                </p>
                <button type="button" onClick={() => choose(lists.another())}>
                  Another
                </button>
              </>
            )}
          </fieldset>
        );
      })}
    </>
  );
}

function Predicted({
  card,
  outputs,
  lists,
  entry,
}: Omit<SampleListProps, 'chosen' | 'choose' | 'from'> & { readonly entry: Entry }) {
  const prediction = lists.predictions.value.get(entry);
  return (
    <span class="told">
      {entry.label !== undefined && <span class="quiet">true {labelText(card.task, outputs, entry.label)}</span>}
      {prediction && <span>{predictedText(card.task, outputs, prediction)}</span>}
    </span>
  );
}
