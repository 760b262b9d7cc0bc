/** The form that starts a run: what the command line takes, with its defaults, its help and its errors. */
import { useEffect, useRef } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import type { Started, StartErrors, StartForm, StartRequest } from '../../../server/ui/api/start.ts';
import { isTree } from '../../../json/tree.ts';
import { announce } from '../../base/announcer.tsx';
import { AnswerError, ask } from '../api.ts';
import { list } from '../live.ts';
import { useAnswer } from '../load.ts';
import { navigate, place, setQuery } from '../navigation.ts';
import { Page } from '../page.tsx';
import { runUrl } from '../place.ts';
import { KeyFields, type Typed } from './key-fields.tsx';

export function StartPage() {
  const model = place.value.query.get('model');
  const { answer, problem } = useAnswer<StartForm>(
    `/api/form${model === null ? '' : `?model=${encodeURIComponent(model)}`}`,
  );
  return (
    <Page title="Start a run">
      {list.value?.allowStart === false && (
        <p class="empty">
          Runs are started here where the server was begun with <code>decalign ui --allow-start</code>.
        </p>
      )}
      {list.value?.allowStart !== false && problem !== undefined && <p class="empty">{problem}</p>}
      {answer && <Form key={answer.model} form={answer} />}
    </Page>
  );
}

function Form({ form }: { readonly form: StartForm }) {
  const typed = useSignal<Typed>({});
  const problems = useSignal<StartErrors['errors']>([]);
  const isBusy = useSignal(false);
  const summary = useRef<HTMLDivElement>(null);
  const set = (name: string, value: string): void => {
    typed.value = { ...typed.value, [name]: value };
  };
  useEffect(() => {
    if (problems.value.length > 0) summary.current?.focus();
  }, [problems.value]);
  const send = async (): Promise<void> => {
    isBusy.value = true;
    try {
      const { id } = await ask<Started>('/api/start', { method: 'POST', body: requestOf(form, typed.value) });
      announce(`${id} is started.`);
      navigate(runUrl(id));
    } catch (error) {
      problems.value = problemsOf(error);
    }
    isBusy.value = false;
  };
  const known = new Set(form.keys.map(({ key }) => key));
  return (
    <form
      class="start"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
      noValidate
    >
      {problems.value.length > 0 && (
        <div class="errors" ref={summary} tabIndex={-1} role="alert">
          <strong>Nothing was started.</strong>
          <ul>
            {problems.value.map(({ key, message }) => (
              <li key={`${key} ${message}`}>
                {key !== undefined && known.has(key) ? <a href={`#field-${key}`}>{message}</a> : message}
              </li>
            ))}
          </ul>
        </div>
      )}
      <div class="fields">
        <label>
          Model
          <select value={form.model} onChange={({ currentTarget: { value } }) => setQuery({ model: value })}>
            {form.models.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        </label>
        <label>
          Data
          <select
            value={typed.value['#data'] ?? form.data[0]?.name}
            onChange={({ currentTarget: { value } }) => set('#data', value)}
          >
            {form.data.map(({ name, help }) => (
              <option key={name} value={name}>
                {name}: {help}
              </option>
            ))}
          </select>
        </label>
        {form.recipes.length > 0 && (
          <label>
            Recipe
            <select
              value={typed.value['#recipe'] ?? ''}
              onChange={({ currentTarget: { value } }) => set('#recipe', value)}
            >
              <option value="">the usual one</option>
              {form.recipes.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        )}
        <label>
          Seed
          <input
            type="number"
            step="1"
            value={typed.value['#seed'] ?? ''}
            placeholder="1"
            onInput={({ currentTarget: { value } }) => set('#seed', value)}
          />
        </label>
        <label>
          Name of its folder
          <input
            value={typed.value['#name'] ?? ''}
            placeholder="by model, data and time"
            onInput={({ currentTarget: { value } }) => set('#name', value)}
          />
        </label>
      </div>
      <KeyFields keys={form.keys} typed={typed.value} problems={problems.value} set={set} />
      <p class="submit">
        <button class="main" disabled={isBusy.value}>
          Start
        </button>
        <span class="quiet" role="status">
          {isBusy.value && 'Starting …'}
        </span>
      </p>
    </form>
  );
}

/** Keys that were left as they are are not sent. */
function requestOf({ model, data, keys }: StartForm, typed: Typed): StartRequest {
  const { '#data': file = data[0]?.name ?? '', '#recipe': recipe = '', '#seed': seed = '', '#name': name = '' } = typed;
  const values = keys.flatMap(({ key, usual = '' }) => {
    const text = typed[key]?.trim() ?? '';
    return text === '' || text === usual ? [] : [[key, text] as const];
  });
  return {
    ...{ model, data: file, values: Object.fromEntries(values) },
    ...(recipe !== '' && { recipe }),
    ...(seed !== '' && { seed: Number(seed) }),
    ...(name.trim() !== '' && { name: name.trim() }),
  };
}

/** What the server says of each key, or the error as a whole. */
function problemsOf(error: unknown): StartErrors['errors'] {
  if (!(error instanceof AnswerError)) return [{ message: String(error) }];
  const told = isTree(error.answer) && Array.isArray(error.answer['errors']) ? error.answer['errors'] : [];
  const problems = told.flatMap((each: unknown) => {
    if (!isTree(each) || typeof each['message'] !== 'string') return [];
    return [{ message: each['message'], ...(typeof each['key'] === 'string' && { key: each['key'] }) }];
  });
  return problems.length > 0 ? problems : [{ message: error.message }];
}
