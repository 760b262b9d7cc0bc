import { useEffect, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import type { OpenApi } from '../../server/serve/described.ts';
import { describe, setToken, takeToken } from './ask.ts';
import { Model } from './model.tsx';

type State = { readonly about: OpenApi } | 'loading' | 'token' | 'wrong token' | { readonly problem: string };

export function App(): JSX.Element {
  const [state, setState] = useState<State>('loading');
  const load = (isTyped = false): void => {
    describe().then(
      (about) => setState(about !== 'token' ? { about } : isTyped ? 'wrong token' : 'token'),
      (error: unknown) => setState({ problem: error instanceof Error ? error.message : String(error) }),
    );
  };
  useEffect(() => {
    takeToken();
    load();
  }, []);
  if (state === 'loading') return <Frame>{<p>Asking the server …</p>}</Frame>;
  if (state === 'token' || state === 'wrong token')
    return <Frame>{<TokenForm isWrong={state === 'wrong token'} onGiven={() => load(true)} />}</Frame>;
  if ('problem' in state)
    return (
      <Frame>
        <p role="alert">The server does not answer: {state.problem}</p>
        <button onClick={() => load()}>Try again</button>
      </Frame>
    );
  return <Frame version={state.about.info.version}>{<Served about={state.about} />}</Frame>;
}

function Frame({ version, children }: { version?: string; children: JSX.Element | JSX.Element[] }): JSX.Element {
  return (
    <>
      <header>
        <h1>Models served by decalign</h1>
        {version !== undefined && <p class="quiet">version {version}</p>}
      </header>
      <main>{children}</main>
    </>
  );
}

function TokenForm({ isWrong, onGiven }: { isWrong: boolean; onGiven: () => void }): JSX.Element {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const { value } = event.currentTarget.elements.namedItem('token') as HTMLInputElement;
        setToken(value.trim());
        onGiven();
      }}
    >
      <p>This server asks for a token, which was printed where it was started.</p>
      <label>
        Token <input name="token" type="password" autocomplete="off" required />
      </label>
      <button>Go on</button>
      <div role="status">{isWrong && <p class="wrong">That is not the token of this server.</p>}</div>
    </form>
  );
}

function Served({ about }: { about: OpenApi }): JSX.Element {
  const models = about['x-decalign-models'];
  return (
    <>
      {models.length > 1 && (
        <nav aria-label="Models">
          <ul>
            {models.map(({ name }, n) => (
              <li key={name}>
                <a href={`#model-${n}`}>{name}</a>
              </li>
            ))}
            <li>
              <a href="#endpoints">Endpoints</a>
            </li>
          </ul>
        </nav>
      )}
      {models.map((model, n) => (
        <Model
          key={model.name}
          model={model}
          id={`model-${n}`}
          isGuarded={about.components.securitySchemes !== undefined}
        />
      ))}
      <Endpoints about={about} />
    </>
  );
}

function Endpoints({ about: { paths } }: { about: OpenApi }): JSX.Element {
  const rows = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { summary }]) => ({ path, method: method.toUpperCase(), summary })),
  );
  return (
    <section aria-labelledby="endpoints">
      <h2 id="endpoints">Endpoints</h2>
      <p>
        Errors are <code>{'{"error": "…"}'}</code>. The same for programs: <a href="openapi.json">openapi.json</a>.
      </p>
      <dl>
        {rows.map(({ path, method, summary }) => (
          <div key={method + path}>
            <dt>
              <code>
                {method} {path}
              </code>
            </dt>
            <dd>{summary}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
