/** What a server of models tells about itself, as its page reads it: types alone. */
import type { ExportDescription } from '../../deploy/description.ts';
import type { Sample } from '../../deploy/sample.ts';

export interface TensorMetadata {
  readonly name: string;
  readonly datatype: string;
  /** -1 is an axis of any size. */
  readonly shape: readonly number[];
}

export interface ModelMetadata {
  readonly name: string;
  readonly versions: readonly string[];
  readonly platform: string;
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
}

/** A model as the document describes it. */
export interface DescribedModel extends ModelMetadata {
  /** Of which network it is, what it was trained on and what it predicts. */
  readonly model: string;
  readonly dataset: string;
  readonly task: ExportDescription['task'];
  /** By the name of an input or output, what it is. */
  readonly meanings: Readonly<Record<string, string>>;
  /** A body of `POST /v1/predict/NAME`. */
  readonly example: { readonly samples: readonly Sample[] };
}

/** A part of the document that is told by OpenAPI alone. */
type Json = Readonly<Record<string, unknown>>;

export interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Json>>;
    readonly securitySchemes?: Readonly<Record<string, Json>>;
  };
  readonly 'x-decalign-models': readonly DescribedModel[];
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters: readonly Json[];
  readonly requestBody?: Json;
  readonly responses: Readonly<Record<string, Json>>;
  readonly security?: readonly Json[];
}
