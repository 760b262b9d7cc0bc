/** The form that starts a run: what the command line takes, with its defaults, its help and its errors. */
import { useEffect, useRef } from 'preact/hooks';
import { useSignal, type Signal } from '@preact/signals';
import type { Started, StartErrors, StartForm } from '../../../server/ui/api/start.ts';
import { announce } from '../../base/announcer.tsx';
import { ask } from '../api.ts';
import { list } from '../live.ts';
import { useAnswer } from '../load.ts';
import { navigate, place } from '../navigation.ts';
import { Page } from '../page.tsx';
import { runUrl } from '../place.ts';
import { KeyFields } from './key-fields.tsx';
import { fieldId } from './labelled.tsx';
import { OwnFields, ownLabels } from './own-fields.tsx';
import { problemsOf, requestOf, type Typed } from './request.ts';

export function StartPage() {
  const model = place.value.query.get('model');
  const { answer, problem } = useAnswer<StartForm>(
    `/api/form${model === null ? '' : `?model=${encodeURIComponent(model)}`}`,
  );
  const typed = useSignal<Typed>({});
  // The form of the model before stays until that of the next is there, and with it the focus.
  const latest = useRef<StartForm>(undefined);
  latest.current = answer ?? (problem === undefined ? latest.current : undefined);
  return (
    <Page title="Start a run">
      {list.value?.allowStart === false && (
        <p class="empty">
          Runs are started here where the server was begun with <code>decalign ui --allow-start</code>.
        </p>
      )}
      {list.value?.allowStart !== false && problem !== undefined && <p class="empty">{problem}</p>}
      {latest.current && (
        <Form
          form={latest.current}
          model={model ?? latest.current.model}
          isThere={answer !== undefined}
          typed={typed}
        />
      )}
    </Page>
  );
}

interface FormProps {
  readonly form: StartForm;
  /** The one that was chosen. */
  readonly model: string;
  /** Whether the form is that of the model. */
  readonly isThere: boolean;
  readonly typed: Signal<Typed>;
}

function Form({ form, model, isThere, typed }: FormProps) {
  const problems = useSignal<StartErrors['errors']>([]);
  const isBusy = useSignal(false);
  const summary = useRef<HTMLDivElement>(null);
  const set = (name: string, value: string): void => {
    typed.value = { ...typed.value, [name]: value };
  };
  useEffect(() => {
    if (problems.value.length > 0) summary.current?.focus();
  }, [problems.value]);
  // What was wrong for one model may be right for another.
  useEffect(() => {
    problems.value = [];
  }, [model]);
  const send = async (): Promise<void> => {
    isBusy.value = true;
    problems.value = [];
    try {
      const { id } = await ask<Started>('/api/start', { method: 'POST', body: requestOf(form, typed.value) });
      announce(`${id} is started.`);
      navigate(runUrl(id));
    } catch (error) {
      problems.value = problemsOf(error);
    }
    isBusy.value = false;
  };
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
                {key === undefined ? (
                  message
                ) : (
                  <a href={`#${fieldId(key)}`}>{`${ownLabels[key] ?? key}: ${message}`}</a>
                )}
              </li>
            ))}
          </ul>
        </div>
      )}
      <OwnFields {...{ form, model, set }} typed={typed.value} problems={problems.value} />
      <KeyFields keys={form.keys} typed={typed.value} problems={problems.value} set={set} />
      <p class="submit">
        <button class="main" disabled={isBusy.value || !isThere}>
          Start
        </button>
        <span class="quiet" role="status">
          {isBusy.value && 'Starting …'}
        </span>
      </p>
    </form>
  );
}
