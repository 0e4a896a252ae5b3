import { RUN_ADDRESS_FILE, type RunAddress } from '@lockstep/core';
import { replaceFile, type Disk } from './disk.js';

/** Writes where this coordinator can be reached into the run's folder. */
export function writeAddress(disk: Disk, address: RunAddress): Promise<void> {
  return replaceFile(disk, '.', RUN_ADDRESS_FILE, [Buffer.from(`${JSON.stringify(address)}\n`)]);
}

export function removeAddress(disk: Disk): Promise<void> {
  return disk.remove(RUN_ADDRESS_FILE);
}
