/** Makes numbers and ETags up from a seed and a number: always the same, spread evenly, and fast. Nothing for cryptography. */

/** Mixes the bits of a whole number below 2^32: no two come out alike. (The last step of MurmurHash3.) */
export function mix(number: number): number {
  let bits = Math.imul(number ^ (number >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** A whole number below 2^32. Seeds that are near each other have nothing in common. */
export function hash(seed: number, number: number): number {
  return mix(mix(seed ^ 0x9e3779b9) ^ number);
}

const words = new Uint32Array(4);
const bytes = Buffer.from(words.buffer);

/** 32 hexadecimal digits. */
export function madeEtag(seed: number, number: number): string {
  const ofEtags = mix(seed ^ 0x632be5ab);
  for (let i = 0; i < 4; i += 1) words[i] = hash(ofEtags + i, number);
  return bytes.toString('hex');
}
