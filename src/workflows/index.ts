/** Every workflow type of the worker's bundle. Their names are the contract: docs/architecture.md. */
export { scheduledTransfer } from './scheduled-transfer';
export { transferBucket } from './transfer-bucket';
export { transferObject } from './transfer-object';
export { transferPack } from './transfer-pack';
export { transferRange } from './transfer-range';
