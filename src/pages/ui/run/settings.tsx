/** How a run was set, where it ran, and its files. */
import type { RunDetail, RunFacts } from '../../../server/ui/api/run.ts';
import type { RunRow } from '../../../server/ui/api/routes.ts';
import { counted, sizeText, timeText } from '../../base/texts.ts';
import { runApi } from '../api.ts';
import { place, setQuery } from '../navigation.ts';
import { valueText } from '../value-text.ts';

interface SettingsProps {
  readonly run: RunRow;
  readonly detail: RunDetail;
  readonly facts: RunFacts | undefined;
}

export function Settings({ run, detail, facts }: SettingsProps) {
  const { source, samples, environments, commands, files } = detail;
  const { modalities } = facts ?? {};
  return (
    <>
      <Configuration detail={detail} />
      <section aria-labelledby="data">
        <h2 id="data">Data</h2>
        <dl class="facts">
          {source && (
            <>
              <dt>File</dt>
              <dd>
                {source.file}
                {source.missing !== undefined && <span class="warn"> {source.missing}</span>}
              </dd>
              <dt>Hash of the samples</dt>
              <dd>
                <code>{source.hash}</code>
              </dd>
            </>
          )}
          <dt>Samples</dt>
          <dd>
            {Object.entries(samples)
              .map(([split, count]) => `${count} ${split}`)
              .join(', ') || 'not known'}
          </dd>
          {modalities && (
            <>
              <dt>Modalities</dt>
              <dd>
                {modalities.map(({ name, time, width }) => `${name}: ${counted(time, 'step')} of ${width}`).join('; ')}
              </dd>
            </>
          )}
        </dl>
      </section>
      <section aria-labelledby="environment">
        <h2 id="environment">Where it ran</h2>
        {commands.map((command) => (
          <pre key={command}>{command}</pre>
        ))}
        {environments.length > 0 && <Environments environments={environments} />}
      </section>
      <section aria-labelledby="files">
        <h2 id="files">Files</h2>
        <div class="scroll" tabIndex={0} role="region" aria-label="Table: files">
          <table class="files">
            <caption class="unseen">Files of this run</caption>
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col" class="number">
                  Size
                </th>
                <th scope="col">Changed</th>
              </tr>
            </thead>
            <tbody>
              {files.map(({ name, bytes, modified }) => (
                <tr key={name}>
                  <th scope="row">
                    <a href={runApi(run.id, `/files/${encodeURIComponent(name)}`)} download="">
                      {name}
                    </a>
                  </th>
                  <td class="number">{sizeText(bytes)}</td>
                  <td>
                    <time dateTime={modified}>{timeText(modified)}</time>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
    </>
  );
}

function Configuration({ detail: { configuration } }: Pick<SettingsProps, 'detail'>) {
  const { query } = place.value;
  const [sought, isAll] = [query.get('key') ?? '', query.get('keys') === 'all'];
  const changed = configuration.filter((row) => row.changed);
  const shown = (isAll || sought !== '' ? configuration : changed).filter(({ key, help = '' }) =>
    `${key} ${help}`.toLowerCase().includes(sought.toLowerCase()),
  );
  return (
    <section aria-labelledby="configuration">
      <h2 id="configuration">Configuration</h2>
      <p class="controls">
        <label>
          Keys that hold{' '}
          <input type="search" value={sought} onInput={({ currentTarget: { value } }) => setQuery({ key: value })} />
        </label>
        <label class="check">
          <input type="checkbox" checked={isAll} onChange={() => setQuery({ keys: isAll ? undefined : 'all' })} />
          All {configuration.length} keys, those with their default too
        </label>
      </p>
      {shown.length === 0 ? (
        <p class="quiet">{sought === '' ? 'Every key has its default.' : 'No key is called so.'}</p>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label="Table: configuration">
          <table>
            <caption class="unseen">Keys of the configuration</caption>
            <thead>
              <tr>
                {['Key', 'Value', 'Default', 'What it is'].map((title) => (
                  <th key={title} scope="col">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map(({ key, value, usual, changed: isChanged, help }) => (
                <tr key={key}>
                  <th scope="row">
                    <code>{key}</code>
                  </th>
                  <td class="value">{isChanged ? <strong>{valueText(value)}</strong> : valueText(value)}</td>
                  <td class="value quiet">{isChanged ? valueText(usual) : 'the same'}</td>
                  <td class="quiet small">{help}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Environments({ environments }: Pick<RunDetail, 'environments'>) {
  const columns = [
    ...[['decalign', 'decalign'] as const, ['onnxruntime', 'ONNX Runtime'] as const, ['node', 'Node'] as const],
    ...[['platform', 'Platform'] as const, ['cpu', 'Processor'] as const, ['cores', 'Cores'] as const],
  ] as const;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Table: environments">
      <table>
        <caption class="unseen">Starts of this run</caption>
        <thead>
          <tr>
            <th scope="col">Started</th>
            {columns.map(([key, title]) => (
              <th key={key} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {environments.map((environment) => (
            <tr key={environment.started}>
              <th scope="row">
                <time dateTime={environment.started}>{timeText(environment.started)}</time>
              </th>
              {columns.map(([key]) => (
                <td key={key}>{environment[key] ?? '–'}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
