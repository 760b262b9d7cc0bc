/** One model: what it takes and gives, and a form to ask it. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { DescribedModel, TensorMetadata } from '../../server/serve/described.ts';
import { post, serverAddress, type Answer } from './ask.ts';
import { readable, waysOf, type Way } from './bodies.ts';

interface About {
  readonly model: DescribedModel;
  /** Of its heading. */
  readonly id: string;
  /** Whether requests need a token. */
  readonly isGuarded: boolean;
}

export function Model({ model, id, isGuarded }: About): JSX.Element {
  const { name, versions, dataset } = model;
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{name}</h2>
      <p>
        {model.model}, trained on {dataset}: {predicts(model)}. Version <code>{versions.join(', ')}</code>.
      </p>
      <Tensors heading="It takes" tensors={model.inputs} meanings={model.meanings} />
      <Tensors heading="It gives" tensors={model.outputs} meanings={model.meanings} />
      <Try model={model} id={id} isGuarded={isGuarded} />
    </section>
  );
}

function predicts({ task }: DescribedModel): string {
  switch (task.kind) {
    case 'regression':
      return `a value, labels lie within ${task.range.join(' to ')}`;
    case 'classification':
      return `one of ${task.classes.join(', ')}`;
    case 'multilabel':
      return `which of ${task.names.join(', ')}`;
    case 'multitarget':
      return task.names.join(', ');
  }
}

interface TensorsList {
  readonly heading: string;
  readonly tensors: readonly TensorMetadata[];
  readonly meanings: DescribedModel['meanings'];
}

function Tensors({ heading, tensors, meanings }: TensorsList): JSX.Element {
  return (
    <>
      <h3>{heading}</h3>
      <dl>
        {tensors.map(({ name, datatype, shape }) => (
          <div key={name}>
            <dt>
              <code>{name}</code>{' '}
              <span class="quiet">
                {datatype} [{shape.map((size) => (size < 0 ? 'N' : size)).join(', ')}]
              </span>
            </dt>
            <dd>{meanings[name]}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function Try({ model, id, isGuarded }: About): JSX.Element {
  const ways = waysOf(model);
  const [way, setWay] = useState<Way>(ways[0]);
  const [body, setBody] = useState(way.body);
  const [answer, setAnswer] = useState<Answer | string>();
  const [isAsking, setAsking] = useState(false);
  const choose = (chosen: Way): void => {
    setWay(chosen);
    setBody(chosen.body);
    setAnswer(undefined);
  };
  const send = async (): Promise<void> => {
    setAsking(true);
    setAnswer(await post(way.path, body).catch((error: unknown) => `The server does not answer: ${String(error)}`));
    setAsking(false);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <fieldset>
        <legend>Ask {model.name}</legend>
        {ways.map((each) => (
          <label key={each.path} class="choice">
            <input type="radio" name={`${id}-way`} checked={each.path === way.path} onChange={() => choose(each)} />{' '}
            {each.label}
          </label>
        ))}
      </fieldset>
      <label for={`${id}-body`}>
        Body of <code>POST {way.path}</code>
      </label>
      <textarea
        id={`${id}-body`}
        rows={10}
        spellcheck={false}
        value={body}
        onInput={({ currentTarget }) => setBody(currentTarget.value)}
      />
      <p class="actions">
        <button disabled={isAsking}>{isAsking ? 'Asking …' : 'Send'}</button>
        <button type="button" class="plain" onClick={() => choose(way)}>
          Back to the example
        </button>
      </p>
      <div role="status">
        {answer !== undefined && <AnswerText answer={answer} label={`The answer of ${model.name}`} />}
      </div>
      <details>
        <summary>By curl</summary>
        <pre tabIndex={0} aria-label={`The request to ${model.name} by curl`}>
          {curlOf(way, isGuarded)}
        </pre>
      </details>
    </form>
  );
}

const curlOf = ({ path }: Way, isGuarded: boolean): string =>
  `curl${isGuarded ? " --header 'Authorization: Bearer TOKEN'" : ''} --data @request.json ${serverAddress()}${path}`;

function AnswerText({ answer, label }: { answer: Answer | string; label: string }): JSX.Element {
  if (typeof answer === 'string') return <p class="wrong">{answer}</p>;
  const { status, ms, text } = answer;
  return (
    <>
      <p class={status < 400 ? 'quiet' : 'wrong'}>
        {status}, after {ms.toFixed(ms < 10 ? 1 : 0)} ms
      </p>
      <pre tabIndex={0} aria-label={label}>
        {readable(text)}
      </pre>
    </>
  );
}
