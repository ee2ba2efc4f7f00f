/** What a store makes of a request's body: its bytes, and the checksum that was given before or after them. */
import type { CrcChecksum } from '../../src/domain/checksum';
import type { RequestBody } from '../../src/transfer/object-store';
import { crcOfBytes } from './crc';

/** Undefined: the bytes are not as long as was said, or their checksum is another. */
export async function receive(sent: RequestBody): Promise<{ body: Buffer; checksum: CrcChecksum } | undefined> {
  const pieces: Uint8Array[] = [];
  for await (const piece of sent.pieces) pieces.push(Buffer.from(piece));
  const body = Buffer.concat(pieces);
  const { algorithm, value } = sent.checksum;
  const checksum = crcOfBytes(body, algorithm);
  const right = body.length === sent.length && (value === undefined || value === checksum.value);
  return right ? { body, checksum } : undefined;
}
