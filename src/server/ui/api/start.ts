/** The form that starts a run, with `--allow-start`: routes.ts has the routes. */

export interface StartForm {
  readonly model: string;
  readonly models: readonly { readonly name: string; readonly title: string }[];
  readonly recipes: readonly string[];
  /** Data that may be named: datasets that are made, and the files of `--data` by their base names. */
  readonly data: readonly { readonly name: string; readonly help: string }[];
  /** The keys of the configuration, in the order of the schema. */
  readonly keys: readonly FormKey[];
}

export interface FormKey {
  /** Dotted, as in `train.epochs`; unique. */
  readonly key: string;
  readonly help: string;
  readonly type: 'number' | 'integer' | 'text' | 'switch' | 'choice' | 'json';
  readonly choices?: readonly string[];
  /** As text, what the field shows as default; absent where there is none. */
  readonly usual?: string;
  readonly least?: number;
  readonly most?: number;
}

/** What the form sends. A key that is left out keeps its default. */
export interface StartRequest {
  readonly model: string;
  readonly data: string;
  readonly recipe?: string;
  /** A whole number, as the text of its field. */
  readonly seed?: string;
  /** The name of the new folder; default: as `decalign train` names one. */
  readonly name?: string;
  /** By dotted key, the text of the field, read as `--set KEY=TEXT` reads it. */
  readonly values: Readonly<Record<string, string>>;
}

/** What is wrong: of the key, or of `name` or `seed`, as a clause that follows it, or of the whole. */
export interface StartErrors {
  readonly error: string;
  readonly errors: readonly { readonly key?: string; readonly message: string }[];
}

export interface RunRequest {
  readonly id: string;
}

export interface Started {
  readonly id: string;
}
