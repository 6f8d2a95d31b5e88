#!/usr/bin/env node
/**
 * Stands in for the entrypoint where only the backend is looked at: runs the shell command of `STAND_IN`, in a group of
 * its own, and obeys the requests on the pipe of its driver as the entrypoint does.
 */
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { Socket } from 'node:net';

const work = spawn('/bin/sh', ['-c', process.env.STAND_IN ?? 'true'], {
  detached: true,
  stdio: ['ignore', 'inherit', 'inherit'],
});
work.once('exit', (code, signal) => {
  if (signal === null) process.exit(code);
  process.exit(1);
});

const driver = new Socket({
  fd: Number(process.env.LATTICE_PARENT_FD),
  readable: true,
  writable: false,
});
driver.on('data', (bytes) => {
  if (bytes.includes('k')) killAll();
  else if (bytes.includes('c')) process.kill(-(work.pid ?? Number.NaN), 'SIGTERM');
});
driver.on('end', killAll);
driver.on('error', killAll);

function killAll() {
  const mine = `LATTICE_WORK_DIR=${process.env.LATTICE_WORK_DIR}\0`;
  for (const pid of readdirSync('/proc').map(Number).filter(Number.isInteger)) {
    if (pid === process.pid) continue;
    try {
      if (readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mine))
        process.kill(pid, 'SIGKILL');
    } catch {
      // Gone, or not ours.
    }
  }
  process.exit(137);
}
