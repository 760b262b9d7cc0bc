import { Tensor } from './tensor.ts';
import * as convolution from './ops/convolution.ts';
import * as elementwise from './ops/elementwise.ts';
import { gather } from './ops/indexing.ts';
import { dot, matmul } from './ops/linalg.ts';
import { expand, pad, reshape, slice, transpose } from './ops/movement.ts';
import { layerNorm } from './ops/normalization.ts';
import * as reduce from './ops/reduce.ts';
import { detach } from './ops/select.ts';
import { median } from './ops/sort.ts';
import { split } from './ops/split.ts';

/** Every function here takes a tensor first, so it is also a method: `add(x, y)` is `x.add(y)`. */
const methods: Methods = {
  ...convolution,
  ...elementwise,
  ...reduce,
  detach,
  dot,
  expand,
  gather,
  layerNorm,
  matmul,
  median,
  pad,
  reshape,
  slice,
  split,
  transpose,
};

// Named one by one and not as `typeof methods`, since declaration files would write that out without the types' names.
type Methods = typeof convolution &
  typeof elementwise &
  typeof reduce & {
    readonly detach: typeof detach;
    readonly dot: typeof dot;
    readonly expand: typeof expand;
    readonly gather: typeof gather;
    readonly layerNorm: typeof layerNorm;
    readonly matmul: typeof matmul;
    readonly median: typeof median;
    readonly pad: typeof pad;
    readonly reshape: typeof reshape;
    readonly slice: typeof slice;
    readonly split: typeof split;
    readonly transpose: typeof transpose;
  };
type Method<F> = F extends (x: Tensor, ...rest: infer R) => infer Y ? (...rest: R) => Y : never;
export type TensorMethods = { readonly [K in keyof Methods]: Method<Methods[K]> };

declare module './tensor.js' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- merging is how a class gains typed methods
  interface Tensor extends TensorMethods {}
}

for (const [name, f] of Object.entries(methods) as [string, (x: Tensor, ...rest: unknown[]) => unknown][])
  Object.defineProperty(Tensor.prototype, name, {
    value(this: Tensor, ...rest: unknown[]) {
      return f(this, ...rest);
    },
  });
