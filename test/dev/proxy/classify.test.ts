import { type ClassifiedRequest, classify } from '../../../dev/proxy/classify';

test.each<[string, string, ClassifiedRequest]>([
  ['GET', '/b?list-type=2&prefix=a%2F', { kind: 'ListObjectsV2', bucket: 'b' }],
  ['GET', '/b/?list-type=2', { kind: 'ListObjectsV2', bucket: 'b' }],
  ['GET', '/b?uploads', { kind: 'ListMultipartUploads', bucket: 'b' }],
  ['GET', '/b?uploads=&prefix=x', { kind: 'ListMultipartUploads', bucket: 'b' }],
  ['GET', '/b', { kind: 'other', bucket: 'b' }],
  ['GET', '/b?versions&list-type=2', { kind: 'other', bucket: 'b' }],
  ['GET', '/', { kind: 'other' }],
  ['HEAD', '/b', { kind: 'HeadBucket', bucket: 'b' }],
  ['PUT', '/b', { kind: 'other', bucket: 'b' }],
  ['HEAD', '/b/k?partNumber=1', { kind: 'HeadObject', bucket: 'b', key: 'k', partNumber: 1 }],
  ['GET', '/b/k', { kind: 'GetObject', bucket: 'b', key: 'k' }],
  ['GET', '/b/k?x-id=GetObject&versionId=v', { kind: 'GetObject', bucket: 'b', key: 'k' }],
  ['GET', '/b/k?tagging', { kind: 'GetObjectTagging', bucket: 'b', key: 'k' }],
  ['GET', '/b/k?attributes', { kind: 'other', bucket: 'b', key: 'k' }],
  ['GET', '/b/k?uploadId=u%2F1', { kind: 'ListParts', bucket: 'b', key: 'k', uploadId: 'u/1' }],
  ['PUT', '/b/k?x-id=PutObject', { kind: 'PutObject', bucket: 'b', key: 'k' }],
  ['PUT', '/b/k?tagging', { kind: 'other', bucket: 'b', key: 'k' }],
  [
    'PUT',
    '/b/k?partNumber=12&uploadId=u',
    { kind: 'UploadPart', bucket: 'b', key: 'k', partNumber: 12, uploadId: 'u' },
  ],
  ['POST', '/b/k?uploads', { kind: 'CreateMultipartUpload', bucket: 'b', key: 'k' }],
  ['POST', '/b/k?uploadId=u', { kind: 'CompleteMultipartUpload', bucket: 'b', key: 'k', uploadId: 'u' }],
  ['POST', '/b?delete', { kind: 'other', bucket: 'b' }],
  ['DELETE', '/b/k', { kind: 'DeleteObject', bucket: 'b', key: 'k' }],
  ['DELETE', '/b/k?uploadId=u', { kind: 'AbortMultipartUpload', bucket: 'b', key: 'k', uploadId: 'u' }],
])('%s %s', (method, target, expected) => {
  expect(classify(method, target)).toEqual(expected);
});

test.each([
  ['/b/../c', '../c'],
  ['/b/%2e%2e/c', '../c'],
  ['/b/a//b/', 'a//b/'],
  ['/b/a+b%20c%2Bd', 'a+b c+d'],
  ['/b/%C3%BC%F0%9F%98%80', 'ü😀'],
  ['/b/100%/x', '100%/x'],
  ['/b/%FF', '\uFFFD'],
  ['/b/a%3Fb?versionId=1', 'a?b'],
  ['/b//k', '/k'],
])('the key of %s is %s', (target, key) => {
  expect(classify('GET', target)).toMatchObject({ bucket: 'b', key });
});

test('a copy on the server is neither a put nor an upload of a part', () => {
  expect(classify('PUT', '/b/k', true).kind).toBe('other');
});
