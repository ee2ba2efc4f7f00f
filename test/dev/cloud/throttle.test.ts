import { createThrottle } from '../../../dev/cloud/throttle';

const countAdmitted = (throttle: ReturnType<typeof createThrottle>, operation: string, calls: number) => {
  let admitted = 0;
  for (let call = 0; call < calls; call += 1) {
    try {
      throttle.admit(operation);
      admitted += 1;
    } catch {
      // Refused.
    }
  }
  return admitted;
};

test('as many calls as a second has come at once, and then as many as time gives', () => {
  let now = 0;
  const throttle = createThrottle(() => now);
  throttle.limit('SubmitJob', 50);
  expect(countAdmitted(throttle, 'SubmitJob', 60)).toBe(50);
  now = 100;
  expect(countAdmitted(throttle, 'SubmitJob', 60)).toBe(5);
  now = 100_000;
  expect(countAdmitted(throttle, 'SubmitJob', 60)).toBe(50);
  expect(countAdmitted(throttle, 'ListJobs', 60)).toBe(60);
});

test('less than one a second is possible, none is, and a limit can be taken away', () => {
  let now = 0;
  const throttle = createThrottle(() => now);
  throttle.limit('SubmitJob', 0.5);
  expect(countAdmitted(throttle, 'SubmitJob', 3)).toBe(1);
  now = 2_000;
  expect(countAdmitted(throttle, 'SubmitJob', 3)).toBe(1);
  throttle.limit('SubmitJob', 0);
  now = 1_000_000;
  expect(countAdmitted(throttle, 'SubmitJob', 3)).toBe(0);
  throttle.limit('SubmitJob', undefined);
  expect(countAdmitted(throttle, 'SubmitJob', 3)).toBe(3);
});

test('a refusal is what the service answers', () => {
  const throttle = createThrottle();
  throttle.refuse('DescribeJobs', 1);
  expect(() => throttle.admit('DescribeJobs')).toThrow(
    expect.objectContaining({ code: 'TooManyRequestsException', status: 429, message: 'Too Many Requests' }),
  );
  expect(() => throttle.admit('DescribeJobs')).not.toThrow();
});
