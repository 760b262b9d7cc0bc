/** What is predicted of the sample that is looked at, on the scale of what can be. */
import type { DemoCard } from '../../demo/content.ts';
import type { Entry } from './samples.ts';
import type { Explored } from './explore.ts';
import { labelText, trueValue, valuesOf, valueText, type Output } from './outputs.ts';
import { Scale } from './scale.tsx';

interface PredictionProps {
  readonly card: DemoCard;
  readonly outputs: readonly Output[];
  readonly entry: Entry;
  readonly explored: Explored;
}

export function PredictionView(props: PredictionProps) {
  const { card, outputs, entry, explored } = props;
  if (!explored.now) return <p class="warn">Nothing is left of the sample, so there is nothing to predict by.</p>;
  const now = valuesOf(outputs, explored.now);
  const given = valuesOf(outputs, explored.given);
  switch (card.task.kind) {
    case 'regression':
      return <OneValue {...{ card, entry }} output={outputs[0]!} now={now[0]!} given={given[0]!} />;
    case 'multitarget':
      return (
        <ul class="targets">
          {outputs.map((output, l) => (
            <li key={output.name}>
              <h3>{output.name}</h3>
              <OneValue {...{ card, entry, output }} now={now[l]!} given={given[l]!} />
            </li>
          ))}
        </ul>
      );
    case 'classification':
    case 'multilabel':
      return <Shares {...props} now={now} given={given} predicted={explored.now.prediction} />;
  }
}

interface OneValueProps {
  readonly card: DemoCard;
  readonly entry: Entry;
  readonly output: Output;
  readonly now: number;
  readonly given: number;
}

function OneValue({ card, entry, output, now, given }: OneValueProps) {
  const text = (x: number): string => valueText(card.task, output, x);
  const truth = trueValue(entry.label, output);
  const [low, high] = output.range;
  const isBeyond = now < low || now > high;
  const parts = [
    `${text(now)} on a scale from ${text(low)} to ${text(high)}`,
    ...(given === now ? [] : [`${text(given)} as the sample was given`]),
    ...(truth === undefined ? [] : [`the true value is ${text(truth)}`]),
  ];
  return (
    <>
      <p class="value">
        <data value={String(now)}>{text(now)}</data>
      </p>
      <Scale range={output.range} ends={card.ends} value={now} before={given} truth={truth} label={parts.join('; ')} />
      <ul class="legend">
        <li>
          <span class="sign needle" /> predicted
        </li>
        {given !== now && (
          <li>
            <span class="sign before" /> as given: {text(given)}
          </li>
        )}
        {truth !== undefined && (
          <li>
            <span class="sign truth" /> true: {text(truth)}
          </li>
        )}
      </ul>
      {isBeyond && (
        <p class="warn small">
          Beyond the labels that it was trained on, {text(low)} to {text(high)}.
        </p>
      )}
    </>
  );
}

/** So many bars are seen at once; of more, the longest come first. */
const mostBars = 12;

interface SharesProps extends PredictionProps {
  readonly now: readonly number[];
  readonly given: readonly number[];
  readonly predicted: string | number | Readonly<Record<string, number>>;
}

/** A bar for each class or label, as long as its probability. */
function Shares({ card, outputs, entry, now, given, predicted }: SharesProps) {
  const isPredicted = ({ name }: Output): boolean =>
    typeof predicted === 'object' ? predicted[name] === 1 : predicted === name;
  const bars = outputs.map((output, n) => ({ output, now: now[n]!, given: given[n]! }));
  const ordered = bars.length > mostBars ? bars.toSorted((a, b) => b.now - a.now) : bars;
  const chosen = outputs.filter(isPredicted).map(({ name }) => name);
  const isSeveral = card.task.kind === 'multilabel';
  const known = entry.label === undefined ? undefined : labelText(card.task, outputs, entry.label);
  const rest = ordered.slice(mostBars);
  return (
    <>
      <p class="value">{chosen.join(', ') || 'none of them'}</p>
      <ul class="bars">
        {ordered.slice(0, mostBars).map((bar) => (
          <Bar key={bar.output.name} {...bar} card={card} entry={entry} isPredicted={isPredicted(bar.output)} />
        ))}
      </ul>
      {rest.length > 0 && (
        <details>
          <summary>{rest.length} more</summary>
          <ul class="bars">
            {rest.map((bar) => (
              <Bar key={bar.output.name} {...bar} card={card} entry={entry} isPredicted={isPredicted(bar.output)} />
            ))}
          </ul>
        </details>
      )}
      <ul class="legend">
        {isSeveral && (
          <li>
            <span class="sign threshold" /> threshold: a label beyond it is predicted
          </li>
        )}
        {given.some((x, n) => x !== now[n]) && (
          <li>
            <span class="sign before" /> as given
          </li>
        )}
        {known !== undefined && <li>true: {known}</li>}
      </ul>
    </>
  );
}

interface BarProps {
  readonly card: DemoCard;
  readonly entry: Entry;
  readonly output: Output;
  readonly now: number;
  readonly given: number;
  readonly isPredicted: boolean;
}

function Bar({ card, entry, output, now, given, isPredicted }: BarProps) {
  const share = (x: number): string => `${x * 100}%`;
  return (
    <li class={isPredicted ? 'predicted' : undefined}>
      <span class="name">
        {output.name}
        {isPredicted && <span class="unseen">, predicted</span>}
        {trueValue(entry.label, output) === 1 && <span class="true"> true</span>}
      </span>
      <span class="bar" aria-hidden="true">
        <span class="filling" style={{ width: share(now) }} />
        {given !== now && <span class="before" style={{ left: share(given) }} />}
        {output.threshold !== undefined && <span class="threshold" style={{ left: share(output.threshold) }} />}
      </span>
      <data value={String(now)}>{valueText(card.task, output, now)}</data>
    </li>
  );
}
