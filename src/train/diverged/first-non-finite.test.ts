import { describe, expect, it } from 'vitest';
import { compile } from '../../runtime/node.ts';
import { gradients, input } from '../../tensor/index.ts';
import { firstNonFinite } from './first-non-finite.ts';

const x = input('x', [2]);

/** Of a loss and its gradient at these values of x. */
const found = async (loss: typeof x, values: readonly number[]): Promise<string | undefined> => {
  const graph = { forward: [loss], gradients: gradients(loss, [x]).flatMap((one) => one ?? []) };
  return firstNonFinite(graph, { x: Float32Array.from(values) }, { compile });
};

describe('firstNonFinite', () => {
  it('names nothing where all is finite', async () => {
    expect(await found(x.sqrt().sum(), [1, 4])).toBeUndefined();
  });

  it('names the input that is not', async () => {
    expect(await found(x.sqrt().sum(), [1, Infinity])).toBe('the input "x", which holds Infinity');
  });

  it('names what arises in the forward pass', async () => {
    expect(await found(x.log().sum(), [1, 0])).toMatch(
      /^Log \[2\], which makes -Infinity in the forward pass near the input "x"/,
    );
  });

  it('names what arises in the gradients alone', async () => {
    expect(await found(x.sqrt().sum(), [1, 0])).toMatch(/^\w+ \[2\], which makes Infinity in the gradients/);
  });

  it('names an infinity, which may be intended, and beside it the first NaN', async () => {
    const infinite = x.log();
    expect(await found(infinite.sub(infinite).sum(), [1, 0])).toMatch(/^Log .*; NaN comes first from \w+ \[2\]$/);
  });
});
