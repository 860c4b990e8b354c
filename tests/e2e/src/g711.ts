/** ITU-T G.711 in both directions, for making and judging test audio. */

export function alawToLinear(byte: number): number {
  const a = byte ^ 0x55;
  const exponent = (a >> 4) & 7;
  let value = (a & 0x0f) << 4;
  value += exponent === 0 ? 8 : 0x108;
  if (exponent > 1) value <<= exponent - 1;
  return a & 0x80 ? value : -value;
}

export function ulawToLinear(byte: number): number {
  const u = ~byte & 0xff;
  const value = ((((u & 0x0f) << 3) + 0x84) << ((u >> 4) & 7)) - 0x84;
  return u & 0x80 ? -value : value;
}

export function linearToAlaw(sample: number): number {
  let value = Math.max(-32768, Math.min(32767, Math.round(sample)));
  const sign = value >= 0 ? 0x80 : 0;
  if (value < 0) value = -value - 1;
  let exponent = 7;
  for (let mask = 0x4000; exponent > 0 && !(value & mask); mask >>= 1) exponent--;
  const mantissa = exponent === 0 ? value >> 4 : value >> (exponent + 3);
  return (sign | (exponent << 4) | (mantissa & 0x0f)) ^ 0x55;
}
