/** What the keys of a field look like. Each shape names a key by its number, in UTF-8 byte order, and knows no other key. */
import { mix } from './integer-hash';

export const SHAPE_NAMES = ['sequence', 'dates', 'hashes', 'skewed'] as const;
export type ShapeName = (typeof SHAPE_NAMES)[number];

/** Of the numbers from 0 on: the more a number, the later its key. */
export type KeyOf = (number: number) => string;

/** More are not told apart by their digits. */
export const MAX_KEYS = 1_000_000_000;

/** `keys`: how many there are. A `sequence` and `dates` begin alike however many there are. */
export function keysOfShape(shape: ShapeName, keys: number): KeyOf {
  return SHAPES[shape](keys);
}

const SHAPES: Readonly<Record<ShapeName, (keys: number) => KeyOf>> = {
  sequence: () => sequence,
  dates: () => dates(),
  hashes: (keys) => hashes(keys),
  skewed: (keys) => skewed(keys),
};

/** `000012/000012345`: a thousand keys in each folder. */
function sequence(number: number): string {
  return `${threeDigits(number / 1e6)}${threeDigits(number / 1e3)}/${nineDigits(number)}`;
}

const KEYS_A_DAY = 10_000;
const DAY_MS = 86_400_000;
const FIRST_DAY = Date.UTC(2000, 0, 1);

/** `2000/01/31/0042`: 10,000 keys a day. */
function dates(): KeyOf {
  let named = -1;
  let folder = '';
  return (number) => {
    const day = Math.floor(number / KEYS_A_DAY);
    if (day !== named) {
      const [date = ''] = new Date(FIRST_DAY + day * DAY_MS).toISOString().split('T');
      folder = date.replaceAll('-', '/');
      named = day;
    }
    const ofDay = number % KEYS_A_DAY;
    return `${folder}/${Math.floor(ofDay / 1000)}${threeDigits(ofDay)}`;
  };
}

const HASH_RANGE = 2 ** 48;

/** `a3/0f/9b01c2d4`: like the beginnings of hashes, spread evenly and with gaps of no one size. */
function hashes(keys: number): KeyOf {
  const step = HASH_RANGE / keys;
  return (number) => {
    // Up to half of the way to the next one.
    const value = Math.floor((number + mix(number) / 2 ** 33) * step);
    const folder = Math.floor(value / 2 ** 32);
    const rest = value % 2 ** 32;
    return `${twoHex(folder >>> 8)}/${twoHex(folder)}/${twoHex(rest >>> 24)}${twoHex(rest >>> 16)}${twoHex(rest >>> 8)}${twoHex(rest)}`;
  };
}

/** In the order of their UTF-8, which for the last two is not that of JavaScript's `<`. One holds 90 % of all keys. */
const FOLDERS = [
  ['a', 1],
  ['all', 54],
  ['kunde', 1],
  ['ü', 1],
  ['日', 1],
  ['\uFF21', 1],
  ['\u{1F600}', 1],
] as const;
const SHARES = 60;
const GIANT = 'all';
const KEYS_IN_SMALL = 10;

/** `all/000012345`, 90 % of them; `ü-0000012/3`, ten to a folder, the rest. */
function skewed(keys: number): KeyOf {
  let shares = 0;
  const folders = FOLDERS.map(([name, share]) => {
    const begin = Math.floor((keys * shares) / SHARES);
    shares += share;
    return { name, begin };
  });
  return (number) => {
    let at = folders.length - 1;
    while (at > 0 && (folders[at]?.begin ?? 0) > number) at -= 1;
    const { name = '', begin = 0 } = folders[at] ?? {};
    const within = number - begin;
    if (name === GIANT) return `${name}/${nineDigits(within)}`;
    return `${name}-${nineDigits(within / KEYS_IN_SMALL).slice(2)}/${within % KEYS_IN_SMALL}`;
  };
}

const THREE_DIGITS = Array.from({ length: 1_000 }, (_, i) => String(i).padStart(3, '0'));
const TWO_HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

/** The last three. A table, as padding each number would take longer than the rest of a listing. */
function threeDigits(number: number): string {
  return THREE_DIGITS[Math.floor(number) % 1_000] ?? '';
}

function nineDigits(number: number): string {
  return threeDigits(number / 1e6) + threeDigits(number / 1e3) + threeDigits(number);
}

/** The last two. */
function twoHex(number: number): string {
  return TWO_HEX[number & 255] ?? '';
}
