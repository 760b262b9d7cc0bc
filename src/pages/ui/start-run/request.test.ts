import { expect, test } from 'vitest';
import type { StartForm } from '../../../server/ui/api/start.ts';
import { requestOf } from './request.ts';

const form: StartForm = {
  model: 'mult',
  models: [],
  recipes: ['published'],
  data: [
    { name: 'synthetic', help: '' },
    { name: 'mosi.pkl', help: '' },
  ],
  keys: [
    { key: 'train.epochs', help: '', type: 'integer', usual: '30' },
    { key: 'train.lastBatch', help: '', type: 'choice', choices: ['short', 'drop'], usual: 'short' },
    { key: 'model.positions', help: '', type: 'switch', usual: 'false' },
  ],
};

test('what was typed is sent, and what was left as it is is not', () => {
  const typed = {
    ...{ 'train.epochs': ' 5 ', 'train.lastBatch': 'short', 'model.positions': 'true' },
    ...{ '#seed': '2', '#name': ' one ', '#data': 'mosi.pkl', '#recipe': 'published' },
  };
  expect(requestOf(form, typed)).toEqual({
    ...{ model: 'mult', data: 'mosi.pkl', recipe: 'published', seed: '2', name: 'one' },
    values: { 'train.epochs': '5', 'model.positions': 'true' },
  });
});

test('of what was typed for another model, what this one has is sent', () => {
  const typed = { 'model.prototypes': '7', 'train.lastBatch': 'wrap', 'train.epochs': '5', '#recipe': 'paper' };
  expect(requestOf(form, typed)).toEqual({ model: 'mult', data: 'synthetic', values: { 'train.epochs': '5' } });
});
