/** A field of the form: its name above it, and below it what is wrong and what it is for. */
import type { ComponentChildren, VNode } from 'preact';

interface FieldProps {
  readonly id: string;
  readonly 'aria-describedby': string;
  readonly 'aria-invalid': boolean;
}

interface LabelledProps {
  /** As errors name it: the key, or what the request calls it. */
  readonly name: string;
  readonly label: ComponentChildren;
  readonly help?: ComponentChildren;
  /** A clause that follows the name of the field. */
  readonly problem?: string | undefined;
  readonly children: (shared: FieldProps) => VNode;
}

export const fieldId = (name: string): string => `field-${name}`;

export function Labelled({ name, label, help, problem, children }: LabelledProps) {
  const id = fieldId(name);
  const about = `${id}-help`;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, 'aria-describedby': about, 'aria-invalid': problem !== undefined })}
      <p id={about} class="quiet small">
        {problem !== undefined && <span class="bad">{`${problem[0]!.toUpperCase()}${problem.slice(1)}`} </span>}
        {help}
      </p>
    </div>
  );
}
