/** How a parameter starts, as data: whoever trains draws the numbers. */
export type Initializer =
  | { readonly kind: 'uniform'; readonly bound: number }
  | { readonly kind: 'normal'; readonly deviation: number }
  | { readonly kind: 'constant'; readonly value: number };

export const uniform = (bound: number): Initializer => ({ kind: 'uniform', bound });
export const constantly = (value: number): Initializer => ({ kind: 'constant', value });

/** PyTorch's default of Linear and Conv layers, weight and bias alike: U(±1/√fanIn) (He et al., 2015, with a = √5). */
export const byFanIn = (fanIn: number): Initializer => uniform(1 / Math.sqrt(fanIn));

/** U(±√(6 / (fanIn + fanOut))) (Glorot and Bengio, 2010). */
export const xavier = (fanIn: number, fanOut: number): Initializer => uniform(Math.sqrt(6 / (fanIn + fanOut)));

/** N(0, deviation²). */
export const normally = (deviation: number): Initializer => ({ kind: 'normal', deviation });
