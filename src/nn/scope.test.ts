import { expect, test } from 'vitest';
import { constantly } from './initializers.ts';
import { Scope } from './scope.ts';

test('names are paths joined by dots, in the order of declaration', () => {
  const scope = new Scope();
  scope.at('encoder', 0).at('out').param('weight', [2, 3], constantly(0));
  scope.param('bias', [3], constantly(1));
  expect([...scope.parameters.keys()]).toEqual(['encoder.0.out.weight', 'bias']);
  expect(scope.parameters.get('bias')).toMatchObject({ init: { kind: 'constant', value: 1 } });
});

test('parameters have the dtype of the scope', () => {
  const scope = new Scope({ dtype: 'float64' });
  expect(scope.at('a').param('w', [1], constantly(0)).dtype).toBe('float64');
});

test('a name declared twice is an error, unless sharing is said out loud', () => {
  const scope = new Scope();
  const first = scope.at('common').param('weight', [2], constantly(0));
  expect(() => scope.at('common').param('weight', [2], constantly(0))).toThrow(
    'Parameter "common.weight" is declared twice. To share it on purpose, declare it in scope.shared().',
  );
  expect(scope.at('common').shared().param('weight', [2], constantly(0))).toBe(first);
  expect(scope.shared().at('common').param('weight', [2], constantly(0))).toBe(first);
  expect(scope.shared().grouped({}).at('common').param('weight', [2], constantly(0))).toBe(first);
  expect(
    scope
      .shared()
      .checked(() => undefined)
      .at('common')
      .param('weight', [2], constantly(0)),
  ).toBe(first);
});

test('what is shared must have one shape', () => {
  const scope = new Scope().shared();
  scope.param('weight', [2, 3], constantly(0));
  expect(() => scope.param('weight', [3, 2], constantly(0))).toThrow(
    'Parameter "weight" is shared with shape [3,2], but was declared with [2,3].',
  );
});

test('dropout sites have names of their own, also where parameters are shared', () => {
  const scope = new Scope({ training: true }).shared();
  scope.at('a').dropoutMask('hidden', [2], 0.5);
  scope.at('b').dropoutMask('hidden', [2], 0.5);
  expect([...scope.dropouts.keys()]).toEqual(['dropout.a.hidden', 'dropout.b.hidden']);
  expect(() => scope.at('a').dropoutMask('hidden', [2], 0.5)).toThrow('Dropout "dropout.a.hidden" is declared twice.');
});

test('a state has a name of its own and keeps its shape', () => {
  const scope = new Scope().at('a');
  const state = scope.state('centre', [2], 1);
  expect(scope.states.get('state.a.centre')).toEqual({ value: state, initial: 1, perSample: false, next: state });
  scope.setState('centre', state.mul(2));
  expect(scope.states.get('state.a.centre')!.next).not.toBe(state);
  expect(() => scope.state('centre', [2])).toThrow('State "state.a.centre" is declared twice.');
  expect(() => {
    scope.setState('centre', state.reshape([1, 2]));
  }).toThrow('State "state.a.centre" has shape [2] and cannot become [1,2].');
  expect(() => {
    scope.setState('other', state);
  }).toThrow('State "state.a.other" is not declared.');
});

test('a group holds all the way down, and a group within it adds to it', () => {
  const scope = new Scope().grouped({ learningRate: 0.1 });
  scope.at('a').grouped({ frozen: true }).at('b').param('weight', [1], constantly(0));
  expect(scope.parameters.get('a.b.weight')!.group).toEqual({ learningRate: 0.1, frozen: true });
});
