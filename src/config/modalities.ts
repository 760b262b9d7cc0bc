import * as z from 'zod';
import { isTree } from '../json/tree.ts';
import { modelNamed, type Model } from '../models/index.ts';
import { isPerModality } from '../models/settings.ts';
import { nearest } from '../text/nearest.ts';
import { ConfigError } from './error.ts';
import type { RunConfig } from './run-config.ts';

/** Names that a configuration may have for datasets which lack them: one file serves several choices of modalities. */
const usual = ['text', 'audio', 'vision'];

/** Throws a ConfigError where a setting is for a modality that the data does not have, by the nearest name that it has. */
export function checkModalityNames({ data, model }: RunConfig, modalities: readonly string[], own?: Model): void {
  const schema = modelNamed(model.name, own)?.config;
  const settings = (schema ? modalitiesNamed(schema, model) : []).map((each) => ({
    ...each,
    key: `model.${each.key}`,
  }));
  const scaled = typeof data.standardise === 'string' ? [] : data.standardise;
  const named = [...settings, ...scaled.map((modality) => ({ key: 'data.standardise', modality }))];
  const known = [...modalities, ...usual, 'other'];
  const slip = named.find(({ modality }) => !known.includes(modality));
  if (!slip) return;
  const near = nearest(slip.modality, modalities);
  throw new ConfigError(
    `${slip.key} names the modality "${slip.modality}", which the data does not have; ${near === undefined ? `it has ${modalities.join(', ')}.` : `did you mean "${near}"?`}`,
  );
}

interface NamedModality {
  /** The key of the setting below `model`, as in `mixture.prototypes`. */
  readonly key: string;
  readonly modality: string;
}

/** Every modality that settings name, beyond those that their defaults name. */
function modalitiesNamed(schema: z.ZodType, settings: unknown, key = '', preset?: unknown): NamedModality[] {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return modalitiesNamed(schema.def.innerType as z.ZodType, settings, key, schema.def.defaultValue);
  if (schema instanceof z.ZodOptional) return modalitiesNamed(schema.def.innerType as z.ZodType, settings, key, preset);
  if (!isTree(settings)) return [];
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape as z.ZodRawShape).flatMap(([name, inner]) =>
      modalitiesNamed(inner as z.ZodType, settings[name], key === '' ? name : `${key}.${name}`),
    );
  if (!isPerModality(schema)) return [];
  const byDefault = isTree(preset) ? Object.keys(preset) : [];
  return Object.keys(settings).flatMap((modality) => (byDefault.includes(modality) ? [] : [{ key, modality }]));
}
