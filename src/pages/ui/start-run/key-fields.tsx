/** A field for each key of the configuration, by the parts of the schema. */
import { useSignal } from '@preact/signals';
import type { FormKey, StartErrors } from '../../../server/ui/api/start.ts';
import { counted } from '../../base/texts.ts';
import { Labelled } from './labelled.tsx';
import { textIn, type Typed } from './request.ts';

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
  const problemOf = (field: FormKey): string | undefined => problems.find(({ key }) => key === field.key)?.message;
  const names = [...new Set([...Object.keys(parts), ...keys.map(({ key }) => key.split('.')[0]!)])];
  return (
    <>
      <p class="controls">
        <label>
          Find a setting{' '}
          <input
            type="search"
            value={sought.value}
            onInput={({ currentTarget: { value } }) => (sought.value = value)}
          />
        </label>
      </p>
      {names.map((part) => {
        const own = keys.filter((each) => each.key.split('.')[0] === part);
        const shown = own.filter((each) => isFound(each) || problemOf(each) !== undefined);
        if (shown.length === 0) return null;
        const changed = own.filter((each) => textIn(typed, each) !== '').length;
        const isWrong = own.some((each) => problemOf(each) !== undefined);
        return (
          <details key={part} class="keys" open={part === 'train' || sought.value !== '' || isWrong}>
            <summary>
              <h2>{parts[part] ?? part}</h2>{' '}
              <span class="quiet small">
                {counted(own.length, 'setting')}
                {changed > 0 && `, ${changed} changed`}
              </span>
            </summary>
            <div class="fields">
              {shown.map((each) => (
                <Field
                  key={each.key}
                  of={each}
                  value={textIn(typed, each)}
                  problem={problemOf(each)}
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
  const options = type === 'switch' ? ['true', 'false'] : choices;
  return (
    <Labelled name={key} label={<code>{key}</code>} help={`${help}${rangeText(least, most)}`} problem={problem}>
      {(shared) =>
        options ? (
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
        )
      }
    </Labelled>
  );
}

function rangeText(least: number | undefined, most: number | undefined): string {
  if (least !== undefined && most !== undefined) return ` (${least} to ${most})`;
  if (least !== undefined) return ` (at least ${least})`;
  return most === undefined ? '' : ` (at most ${most})`;
}
