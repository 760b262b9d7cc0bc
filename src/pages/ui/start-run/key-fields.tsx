/** A field for each key of the configuration, by the parts of the schema. */
import { useSignal } from '@preact/signals';
import type { FormKey, StartErrors } from '../../../server/ui/api/start.ts';
import { counted } from '../../base/texts.ts';

/** What was typed, by the names of fields; those of keys are their dotted names. */
export type Typed = Readonly<Record<string, string>>;

interface KeyFieldsProps {
  readonly keys: readonly FormKey[];
  readonly typed: Typed;
  readonly problems: StartErrors['errors'];
  readonly set: (key: string, value: string) => void;
}

/** What the parts of the schema are about, in the order in which they are wanted. */
const parts: Readonly<Record<string, string>> = {
  train: 'Training',
  model: 'Model',
  data: 'Data',
  text: 'Text encoder',
};

export function KeyFields({ keys, typed, problems, set }: KeyFieldsProps) {
  const sought = useSignal('');
  const isFound = ({ key, help }: FormKey): boolean =>
    `${key} ${help}`.toLowerCase().includes(sought.value.toLowerCase());
  const names = [...new Set([...Object.keys(parts), ...keys.map(({ key }) => key.split('.')[0]!)])];
  return (
    <>
      <p class="controls">
        <label>
          Keys that hold{' '}
          <input
            type="search"
            value={sought.value}
            onInput={({ currentTarget: { value } }) => (sought.value = value)}
          />
        </label>
      </p>
      {names.map((part) => {
        const own = keys.filter((each) => each.key.split('.')[0] === part);
        const shown = own.filter(isFound);
        if (shown.length === 0) return null;
        const changed = own.filter(({ key }) => (typed[key] ?? '') !== '').length;
        const isWrong = problems.some(({ key }) => own.some((each) => each.key === key));
        return (
          <details key={part} class="keys" open={part === 'train' || sought.value !== '' || isWrong}>
            <summary>
              <h2>{parts[part] ?? part}</h2>{' '}
              <span class="quiet small">
                {counted(own.length, 'key')}
                {changed > 0 && `, ${changed} changed`}
              </span>
            </summary>
            <div class="fields">
              {shown.map((each) => (
                <Field
                  key={each.key}
                  of={each}
                  value={typed[each.key] ?? ''}
                  problem={problems.find(({ key }) => key === each.key)?.message}
                  set={(value) => set(each.key, value)}
                />
              ))}
            </div>
          </details>
        );
      })}
    </>
  );
}

interface FieldProps {
  readonly of: FormKey;
  readonly value: string;
  readonly problem: string | undefined;
  readonly set: (value: string) => void;
}

function Field({ of: { key, help, type, choices, usual, least, most }, value, problem, set }: FieldProps) {
  const id = `field-${key}`;
  const about = `${id}-help`;
  const shared = { id, 'aria-describedby': about, 'aria-invalid': problem !== undefined };
  const options = type === 'switch' ? ['true', 'false'] : choices;
  return (
    <div class="field">
      <label for={id}>
        <code>{key}</code>
      </label>
      {options ? (
        <select {...shared} value={value} onChange={({ currentTarget }) => set(currentTarget.value)}>
          <option value="">{usual === undefined ? 'default' : `default: ${usual}`}</option>
          {options.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : (
        <input
          {...shared}
          value={value}
          inputMode={type === 'integer' ? 'numeric' : type === 'number' ? 'decimal' : 'text'}
          placeholder={usual}
          spellcheck={false}
          onInput={({ currentTarget }) => set(currentTarget.value)}
        />
      )}
      <p id={about} class="quiet small">
        {problem !== undefined && <span class="bad">{problem} </span>}
        {help}
        {rangeText(least, most)}
      </p>
    </div>
  );
}

function rangeText(least: number | undefined, most: number | undefined): string {
  if (least !== undefined && most !== undefined) return ` (${least} to ${most})`;
  if (least !== undefined) return ` (at least ${least})`;
  return most === undefined ? '' : ` (at most ${most})`;
}
