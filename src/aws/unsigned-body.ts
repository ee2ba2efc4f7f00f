/** Over TLS a body need not be hashed for the signature: it carries its own CRC-32, and TLS keeps it whole on the way. */
import type { MiddlewareStack } from '@smithy/types';

/** docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, "Unsigned payload option". */
export function unsignedBodies<Input extends object, Output extends object>(
  stack: MiddlewareStack<Input, Output>,
): void {
  stack.add(
    (next) => (args) => {
      (args.request as { headers: Record<string, string> }).headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD';
      return next(args);
    },
    { step: 'build', name: 'ferryUnsignedBody' },
  );
}
