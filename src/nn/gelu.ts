import { withGradient, type Tensor } from '../tensor/index.ts';

/** x Φ(x), Φ being the normal distribution function (Hendrycks and Gimpel, 2016). */
export function gelu(x: Tensor): Tensor {
  const scaled = x.mul(Math.SQRT1_2);
  const share = scaled.erf().mul(0.5).add(0.5);
  // Φ(x) + x φ(x), in which x φ(x) = z e^(−z²) / √π for z = x/√2: the constant goes into the exponent.
  return withGradient(x.mul(share), [x], (dy) => {
    const density = scaled
      .square()
      .neg()
      .sub(0.5 * Math.log(Math.PI))
      .exp();
    return [dy.mul(share.add(scaled.mul(density)))];
  });
}

/** The form with a hyperbolic tangent, ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))), within 0.0005 of it. */
export function geluTanh(x: Tensor): Tensor {
  const scale = Math.sqrt(2 / Math.PI);
  const square = x.square();
  const share = x
    .mul(square.mul(0.044715 * scale).add(scale))
    .tanh()
    .add(1)
    .mul(0.5);
  return withGradient(x.mul(share), [x], (dy) => {
    // With s the share, s' = 2 s (1 − s) √(2/π) (1 + 3 · 0.044715 x²).
    const slope = square.mul(6 * 0.044715 * scale).add(2 * scale);
    return [dy.mul(share.add(x.mul(slope).mul(share.sub(share.square()))))];
  });
}
