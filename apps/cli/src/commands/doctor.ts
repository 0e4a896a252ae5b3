import { messageOf } from '@lockstep/core';
import { loadDataSet } from '@lockstep/data';
import { diagnose, type Finding } from '@lockstep/runtime';
import { outColours as pc } from '../output/colours.js';
import { defineCommand } from '../command.js';
import { jsonOption } from '../options/run-options.js';

const marks = { ok: pc.green('✓'), warning: pc.yellow('!'), problem: pc.red('✗') } as const;

export const doctor = defineCommand({
  name: 'doctor',
  describe: 'check this machine’s set-up, and say how to fix what is missing',
  options: jsonOption,
  run: async ({ options }) => {
    const findings = [...(await diagnose()), ...(await Promise.all(dataSets.map(diagnoseData)))];
    for (const finding of findings) {
      process.stdout.write(options.json ? `${JSON.stringify(finding)}\n` : lines(finding));
    }
    return findings.some(({ status }) => status === 'problem') ? 1 : 0;
  },
});

function lines({ topic, status, detail, remedy }: Finding): string {
  const what = remedy === undefined ? '' : `\n    ${pc.bold('what to do:')} ${remedy}`;
  return `${marks[status]} ${topic.padEnd(16)} ${detail}${what}\n`;
}

const dataSets = [
  { name: 'mnist', needed: true },
  { name: 'fashion-mnist', needed: false },
] as const;

async function diagnoseData({ name, needed }: { name: string; needed: boolean }): Promise<Finding> {
  const topic = `data ${name}`;
  try {
    const { train, test } = await loadDataSet(name);
    return {
      topic,
      status: 'ok',
      detail: `${train.count} + ${test.count} images, checksums agree`,
    };
  } catch (error) {
    const detail = messageOf(error);
    const remedy = (error as { remedy?: string }).remedy;
    return {
      topic,
      status: needed ? 'problem' : 'warning',
      detail,
      ...(remedy === undefined ? {} : { remedy }),
    };
  }
}
