/** The fields that are of no key: which model, on what, and what the run is called. */
import type { StartErrors, StartForm } from '../../../server/ui/api/start.ts';
import { navigate } from '../navigation.ts';
import { startUrl } from '../place.ts';
import { Labelled } from './labelled.tsx';
import { dataIn, recipeIn, type Typed } from './request.ts';

/** What errors of fields that are no keys are of. */
export const ownLabels: Readonly<Record<string, string>> = { seed: 'Seed', name: 'Name of its folder' };

interface OwnFieldsProps {
  readonly form: StartForm;
  /** The model that was chosen, whose form may be still to come. */
  readonly model: string;
  readonly typed: Typed;
  readonly problems: StartErrors['errors'];
  readonly set: (key: string, value: string) => void;
}

export function OwnFields({ form, model, typed, problems, set }: OwnFieldsProps) {
  const problemOf = (name: string): string | undefined => problems.find(({ key }) => key === name)?.message;
  const data = dataIn(typed, form.data);
  return (
    <div class="fields">
      <Labelled name="model" label="Model">
        {(shared) => (
          <select
            {...shared}
            value={model}
            onChange={({ currentTarget: { value } }) => navigate(startUrl({ model: value }))}
          >
            {form.models.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        )}
      </Labelled>
      <Labelled name="data" label="Data" help={data?.help}>
        {(shared) => (
          <select {...shared} value={data?.name} onChange={({ currentTarget: { value } }) => set('#data', value)}>
            {form.data.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        )}
      </Labelled>
      {form.recipes.length > 0 && (
        <Labelled name="recipe" label="Recipe">
          {(shared) => (
            <select
              {...shared}
              value={recipeIn(typed, form.recipes)}
              onChange={({ currentTarget: { value } }) => set('#recipe', value)}
            >
              <option value="">the usual one</option>
              {form.recipes.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          )}
        </Labelled>
      )}
      <Labelled name="seed" label={ownLabels['seed']} problem={problemOf('seed')}>
        {(shared) => (
          <input
            {...shared}
            inputMode="numeric"
            value={typed['#seed'] ?? ''}
            placeholder="1"
            onInput={({ currentTarget: { value } }) => set('#seed', value)}
          />
        )}
      </Labelled>
      <Labelled name="name" label={ownLabels['name']} problem={problemOf('name')}>
        {(shared) => (
          <input
            {...shared}
            value={typed['#name'] ?? ''}
            placeholder="by model, data and time"
            onInput={({ currentTarget: { value } }) => set('#name', value)}
          />
        )}
      </Labelled>
    </div>
  );
}
