/** The card of the model: what it is, how well it does, what it is not for. */
import type { DemoContent, DemoScore } from '../../demo/content.ts';
import { countText, counted, metricText, numberText } from '../base/texts.ts';
import { sentence } from './sentence.ts';

export function Card({ content: { card } }: { readonly content: DemoContent }) {
  const { title, dataset, modalities, parameters, counts, seed, kept, scores, limits, warnings } = card;
  const splits = [
    ['train', 'to train on'],
    ['valid', 'to choose the epoch by'],
    ['test', 'to test on'],
  ] as const;
  const told = splits.flatMap(([split, use]) => {
    const count = counts[split];
    return count === undefined ? [] : [{ count, use }];
  });
  return (
    <section class="card" aria-labelledby="card">
      <h2 id="card">About the model</h2>
      <div class="halves">
        <dl class="facts">
          <dt>Model</dt>
          <dd>
            {title}, {counted(parameters, 'parameter')}
          </dd>
          <dt>Data</dt>
          <dd>
            {dataset}
            {told.map(
              ({ count, use }, n) => `${n === 0 ? `: ${counted(count, 'sample')}` : `, ${countText(count)}`} ${use}`,
            )}
          </dd>
          <dt>Predicts</dt>
          <dd>{taskText(card)}</dd>
          <dt>From</dt>
          <dd>
            <ul>
              {modalities.map(({ name, time, width, tokens }) => (
                <li key={name}>
                  {name}:{' '}
                  {tokens === undefined
                    ? `${time > 1 ? `up to ${counted(time, 'step')} of ` : ''}${counted(width, 'number')}`
                    : `up to ${counted(time, 'token')}`}
                </li>
              ))}
            </ul>
          </dd>
          {seed !== undefined && (
            <>
              <dt>Training</dt>
              <dd>
                {kept && `the parameters after ${kept.stage ?? 'epoch'} ${kept.epoch}, best on the validation split; `}
                seed {seed}
              </dd>
            </>
          )}
        </dl>
        {scores.length > 0 && <Scores scores={scores} />}
      </div>
      <h3>What it should not be used for</h3>
      <ul class="limits">
        <li>Decisions about people. What it predicts of somebody may be wrong, and it gives no reasons.</li>
        {limits.map((limit) => (
          <li key={limit}>{sentence(limit)}</li>
        ))}
      </ul>
      {warnings.length > 0 && (
        <>
          <h3>What its training warned of</h3>
          <ul class="limits">
            {warnings.map((warning) => (
              <li key={warning}>{sentence(warning)}</li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

/** What a model predicts, in words. */
export function taskText({ task, ends }: DemoContent['card']): string {
  switch (task.kind) {
    case 'regression': {
      const [low, high] = [numberText(task.range[0]), numberText(task.range[1])];
      return ends
        ? `one number, from ${low} (${ends[0]}) to ${high} (${ends[2]})`
        : `one number, from ${low} to ${high}`;
    }
    case 'classification':
      return `one of ${task.classes.length} classes: ${someOf(task.classes)}`;
    case 'multilabel':
      return `which of ${task.names.length} labels are true: ${someOf(task.names)}`;
    case 'multitarget':
      return `${task.names.length} numbers: ${someOf(task.names)}`;
  }
}

const someOf = (names: readonly string[]): string =>
  `${names.slice(0, 12).join(', ')}${names.length > 12 ? ' and others' : ''}`;

function Scores({ scores }: { readonly scores: readonly DemoScore[] }) {
  const isTested = scores.some(({ test }) => test !== undefined);
  const text = (x: number | undefined): string => (x === undefined ? '–' : metricText(x));
  return (
    <table>
      <caption>How well it does: ↑ higher is better, ↓ lower</caption>
      <thead>
        <tr>
          <th scope="col">Metric</th>
          <th scope="col" class="number">
            Validation
          </th>
          {isTested && (
            <th scope="col" class="number">
              Test
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {scores.map(({ label, better, valid, test }) => (
          <tr key={label}>
            <th scope="row">
              {label} <span aria-hidden="true">{better === 'higher' ? '↑' : '↓'}</span>
            </th>
            <td class="number">{text(valid)}</td>
            {isTested && <td class="number">{text(test)}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
