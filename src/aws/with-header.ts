/** Sends one header more than the SDK has a parameter for, or one for which the parameter does more than is wanted. */
import type { MiddlewareStack } from '@smithy/types';

/** Set before the request is signed. */
export function withHeader<Input extends object, Output extends object>(
  stack: MiddlewareStack<Input, Output>,
  name: string,
  value: string,
): void {
  stack.add(
    (next) => (args) => {
      (args.request as { headers: Record<string, string> }).headers[name] = value;
      return next(args);
    },
    { step: 'build', name: `ferryHeader-${name}` },
  );
}
