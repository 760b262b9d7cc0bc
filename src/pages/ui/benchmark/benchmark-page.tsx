/** A benchmark, an ablation or a sweep: its tables, how sure their differences are, and the runs behind each row. */
import type { BenchmarkTable, BenchmarkView } from '../../../server/ui/api/compare.ts';
import { downloadTable } from '../../base/download.ts';
import { counted } from '../../base/texts.ts';
import { list } from '../live.ts';
import { useAnswer } from '../load.ts';
import { arrowOf } from '../metric-texts.ts';
import { Page } from '../page.tsx';
import { compareUrl, runUrl, runsUrl } from '../place.ts';
import { StatusText } from '../status-text.tsx';
import { TestedFigure, Verdict } from '../tested.tsx';
import { valueText } from '../value-text.ts';

export function BenchmarkPage({ ids }: { readonly ids: readonly string[] }) {
  const id = ids[0]!;
  const row = list.value?.experiments.find((each) => each.id === id);
  const finished = list.value?.runs.filter(
    ({ experiment, status }) => experiment === id && status === 'finished',
  ).length;
  const { answer, problem } = useAnswer<BenchmarkView>(
    `/api/benchmarks/${encodeURIComponent(id)}`,
    `${row?.status} ${finished}`,
  );
  const own = list.value?.runs.filter(({ experiment }) => experiment === id) ?? [];
  return (
    <Page title={id === '~' ? (list.value?.folder ?? id) : id} beside={row && <StatusText status={row.status} />}>
      <p class="about">
        {row && `${row.kind} of ${counted(row.models.length, 'model')} on ${row.data.join(', ')} · `}
        <a href={runsUrl({ q: `experiment="${id}"` })}>{counted(own.length, 'run')}</a>
      </p>
      {[problem, answer?.problem].map((text) => text !== undefined && <p class="warn">{text}</p>)}
      {!answer && problem === undefined && (
        <p class="quiet" role="status">
          Reading …
        </p>
      )}
      {answer?.tables.map((table) => (
        <Table key={table.data} table={table} id={id} />
      ))}
    </Page>
  );
}

function Table({ table, id }: { readonly table: BenchmarkTable; readonly id: string }) {
  const { data, samples, units, seeds, split, metrics, keys = [], base, rows } = table;
  const isTested = rows.some(({ verdict }) => verdict !== undefined);
  const heading = `table-${data}`;
  return (
    <section aria-labelledby={heading}>
      <h2 id={heading}>{data}</h2>
      <p class="quiet small">
        {counted(samples, split === 'test' ? 'test sample' : 'validation sample')}
        {units !== undefined && ` of ${counted(units, 'group')}`}; mean ± deviation over seeds {seeds.join(', ')}.
        {isTested &&
          ` Below each figure ${base ?? 'the first'} less that row, with its 95 % interval; p of the first metric, corrected after Holm.`}
      </p>
      <div class="scroll" tabIndex={0} role="region" aria-label={`Results on ${data}`}>
        <table class="compared">
          <caption class="unseen">Results on {data}</caption>
          <thead>
            <tr>
              <th scope="col">Model</th>
              {isTested && <th scope="col">{base} against it</th>}
              {keys.map((key) => (
                <th key={key} scope="col">
                  <code>{key}</code>
                </th>
              ))}
              {metrics.map((metric) => (
                <th key={metric.name} scope="col" class="number">
                  {metric.label} {arrowOf(metric)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, n) => (
              <tr key={n}>
                <th scope="row">
                  {row.title}
                  <RowRuns row={row} />
                </th>
                {isTested && (
                  <td>
                    <Verdict verdict={row.verdict} p={row.p} />
                  </td>
                )}
                {keys.map((key) => (
                  <td key={key}>{valueText(row.values?.[key])}</td>
                ))}
                {metrics.map(({ name }) => (
                  <td key={name} class="number">
                    {row.mean?.[name] === undefined ? (
                      '–'
                    ) : (
                      <TestedFigure
                        mean={row.mean[name]}
                        deviation={row.deviation?.[name]}
                        isBest={row.best.includes(name)}
                        difference={row.differences?.[name]}
                      />
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="controls small">
        <a href={compareUrl(rows.flatMap(({ runs }) => runs.map(({ id: run }) => run)))}>
          Curves and settings side by side
        </a>{' '}
        {(['csv', 'json'] as const).map((format) => (
          <button
            key={format}
            type="button"
            class="plain"
            onClick={() => downloadTable(`${id} ${data}`, format, dataOf(table))}
          >
            {format.toUpperCase()}
            <span class="unseen"> of {data}</span>
          </button>
        ))}
      </p>
    </section>
  );
}

function RowRuns({ row: { title, runs } }: { readonly row: BenchmarkTable['rows'][number] }) {
  return (
    <span class="group-runs small">
      {runs.length === 0 && <span class="quiet">fitted, not trained</span>}
      {runs.map(({ id, seed, fold }) => (
        <a key={id} href={runUrl(id)}>
          seed {seed}
          {fold !== undefined && ` fold ${fold}`}
          <span class="unseen"> of {title}</span>
        </a>
      ))}
    </span>
  );
}

const dataOf = ({ metrics, keys = [], rows }: BenchmarkTable) => ({
  columns: ['model', ...keys, ...metrics.flatMap(({ name }) => [name, `${name} deviation`]), 'verdict', 'p', 'runs'],
  rows: rows.map(({ title, values, mean, deviation, verdict, p, runs }) => [
    title,
    ...keys.map((key) => valueText(values?.[key])),
    ...metrics.flatMap(({ name }) => [mean?.[name], deviation?.[name]]),
    ...[verdict, p, runs.map(({ id }) => id).join(' ')],
  ]),
});
