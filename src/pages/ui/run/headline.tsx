/** What of a run is wanted first: its figures, or how far it is, and what it is of. */
import type { RunDetail, RunFacts } from '../../../server/ui/api/run.ts';
import type { RunRow } from '../../../server/ui/api/routes.ts';
import { counted, countText, durationText, metricText, rateText, timeText } from '../../base/texts.ts';
import { seriesOf } from '../live.ts';
import { arrowOf } from '../metric-texts.ts';
import { compareUrl, runUrl } from '../place.ts';
import { ProgressText } from '../status-text.tsx';

/** How many epochs are done, with those of stages such as pretraining, which the axes of curves count too. */
function doneText(id: string, { done }: NonNullable<RunRow['epochs']>): string {
  const stages = seriesOf.value.get(id)?.stages ?? [];
  const parts = stages.map(({ name, last }, n) => `, ${last - (stages[n - 1]?.last ?? 0)} of them ${name}`);
  return `of ${done}${parts.join('')}`;
}

interface HeadlineProps {
  readonly run: RunRow;
  readonly detail: RunDetail | undefined;
  readonly facts: RunFacts | undefined;
}

export function Headline({ run, detail, facts }: HeadlineProps) {
  const { problem, metric, bestEpoch, epochs, seconds, stepsPerSecond } = run;
  return (
    <>
      <p class="about">
        {[run.title ?? run.model, run.recipe, run.data, run.seed === undefined ? undefined : `seed ${run.seed}`]
          .filter((text) => text !== undefined)
          .join(' · ')}
        {run.fold !== undefined && ` · fold ${run.fold}`} · started{' '}
        <time dateTime={run.started}>{timeText(run.started)}</time>
      </p>
      {problem !== undefined && <p class="warn">This run {problem}. What can be read of it is shown.</p>}
      <dl class="headline">
        {metric?.test !== undefined && (
          <Figure
            title={`${metric.label} ${arrowOf(metric)} test`}
            value={metricText(metric.test)}
            {...intervalOf(facts, metric.name)}
          />
        )}
        {metric?.valid !== undefined && (
          <Figure title={`${metric.label} ${arrowOf(metric)} valid`} value={metricText(metric.valid)} />
        )}
        {bestEpoch !== undefined && (
          <Figure title="best epoch" value={String(bestEpoch)} {...(epochs && { more: doneText(run.id, epochs) })} />
        )}
        {run.status !== 'finished' && epochs && (
          <div>
            <dt>progress</dt>
            <dd>
              <ProgressText run={run} />
            </dd>
          </div>
        )}
        {seconds !== undefined && (
          <Figure
            title="time"
            value={durationText(seconds)}
            {...(run.status === 'running' &&
              stepsPerSecond !== undefined && { more: `${rateText(stepsPerSecond)} steps a second` })}
          />
        )}
        {facts?.parameters !== undefined && <Figure title="parameters" value={countText(facts.parameters)} />}
      </dl>
      {facts?.behind !== undefined && <p class="warn">{facts.behind}</p>}
      {detail && detail.metrics.length > 0 && <MetricsTable detail={detail} facts={facts} />}
      {detail && detail.siblings.length > 1 && <Siblings run={run} siblings={detail.siblings} />}
      {detail && detail.warnings.length > 0 && (
        <details class="warnings" open={detail.warnings.length <= 3}>
          <summary>{counted(detail.warnings.length + (detail.moreWarnings ?? 0), 'warning')}</summary>
          <ul>
            {detail.warnings.map(({ message }) => (
              <li key={message}>{message}</li>
            ))}
          </ul>
          {detail.moreWarnings !== undefined && (
            <p class="quiet">The first ones; {countText(detail.moreWarnings)} more are in warnings.jsonl.</p>
          )}
        </details>
      )}
    </>
  );
}

function intervalOf(facts: RunFacts | undefined, name: string): { readonly more?: string } {
  const interval = facts?.intervals?.metrics[name];
  return interval ? { more: `95 %: ${metricText(interval.low)} to ${metricText(interval.high)}` } : {};
}

const Figure = ({ title, value, more }: { readonly title: string; readonly value: string; readonly more?: string }) => (
  <div>
    <dt>{title}</dt>
    <dd>
      <strong>{value}</strong> {more !== undefined && <span class="quiet small">{more}</span>}
    </dd>
  </div>
);

/** All metrics of the best epoch, with the simple references beside them. */
function MetricsTable({
  detail: { metrics, references },
  facts,
}: Pick<HeadlineProps, 'facts'> & { readonly detail: RunDetail }) {
  const { intervals } = facts ?? {};
  const drawn = intervals && `95 % intervals: ${counted(intervals.units, intervals.by)} drawn anew.`;
  return (
    <details class="all-metrics">
      <summary>
        All metrics{references.length > 0 && `, beside ${counted(references.length, 'simple reference')}`}
      </summary>
      <div class="scroll" tabIndex={0} role="region" aria-label="Metrics">
        <table>
          <caption>Of the best epoch. {drawn}</caption>
          <thead>
            <tr>
              <th scope="col">Metric</th>
              {['valid', 'test', '95 % interval of test'].map((title) => (
                <th key={title} scope="col" class="number">
                  {title}
                </th>
              ))}
              {references.map(({ name, describe }) => (
                <th key={name} scope="col" class="number" title={describe}>
                  {name}, test
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {metrics.map((metric) => (
              <tr key={metric.name}>
                <th scope="row">
                  {metric.label} {arrowOf(metric)}
                </th>
                <td class="number">{metric.valid === undefined ? '–' : metricText(metric.valid)}</td>
                <td class="number">{metric.test === undefined ? '–' : metricText(metric.test)}</td>
                <td class="number">
                  {intervals?.metrics[metric.name]
                    ? `${metricText(intervals.metrics[metric.name]!.low)} to ${metricText(intervals.metrics[metric.name]!.high)}`
                    : '–'}
                </td>
                {references.map(({ name, test }) => (
                  <td key={name} class="number">
                    {test?.[metric.name] === undefined ? '–' : metricText(test[metric.name]!)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

interface SiblingsProps {
  readonly run: RunRow;
  readonly siblings: RunDetail['siblings'];
}

/** The other seeds and folds. */
function Siblings({ run, siblings }: SiblingsProps) {
  return (
    <p class="siblings">
      Also:{' '}
      {siblings
        .filter(({ id }) => id !== run.id)
        .map(({ id, seed, fold }) => (
          <a key={id} href={runUrl(id)}>
            {seed === undefined ? id : `seed ${seed}`}
            {fold !== undefined && ` fold ${fold}`}
          </a>
        ))}
      <a href={compareUrl(siblings.map(({ id }) => id))}>mean and band of all {siblings.length}</a>
    </p>
  );
}
