/** The rules of CompleteMultipartUpload: which parts make an object. */
import type { TransferErrorCode } from '../../src/domain/transfer-error';
import type { StoredPart } from '../../src/transfer/object-store';
import type { Upload } from './stored-object';

export type Assembled = { readonly body: Buffer; readonly bodies: Buffer[] } | { readonly refused: TransferErrorCode };

export function assemble(upload: Upload, parts: readonly StoredPart[], size: number, minPartBytes: number): Assembled {
  if (parts.length === 0) return { refused: 'BadRequest' };
  const bodies: Buffer[] = [];
  for (const [i, { number, etag }] of parts.entries()) {
    const part = upload.parts.get(number);
    if (part?.etag !== etag || number <= (parts[i - 1]?.number ?? 0)) return { refused: 'InvalidPart' };
    bodies.push(part.body);
  }
  // EntityTooSmall
  if (bodies.slice(0, -1).some(({ length }) => length < minPartBytes)) return { refused: 'BadRequest' };
  const body = Buffer.concat(bodies);
  return body.length === size ? { body, bodies } : { refused: 'BadRequest' };
}
