/** Bodies, for tests: as they come, altered on their way, and gathered. */
import type { IncomingBytes } from '../../src/transfer/object-store';

type Take = (piece: Uint8Array) => void;

export interface Alteration {
  piece?(piece: Uint8Array, take: Take): void;
  /** After the last piece. */
  end?(take: Take): void;
}

export function flowOf(...pieces: readonly Uint8Array[]): IncomingBytes {
  return {
    async pour(take) {
      await Promise.resolve();
      for (const piece of pieces) take(piece);
    },
    leave: () => undefined,
  };
}

export function altered(body: IncomingBytes, { piece = (bytes, take) => take(bytes), end }: Alteration): IncomingBytes {
  return {
    async pour(take) {
      await body.pour((bytes) => piece(bytes, take));
      end?.(take);
    },
    leave: () => body.leave(),
  };
}

export async function gather(body: IncomingBytes): Promise<Buffer> {
  const pieces: Buffer[] = [];
  await body.pour((piece) => void pieces.push(Buffer.from(piece)));
  return Buffer.concat(pieces);
}
