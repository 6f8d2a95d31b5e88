#!/usr/bin/env node
// Stands for the docker program: has an engine, notes what it is called with, and refuses to create, in the words given.
import { appendFileSync } from 'node:fs';

const args = process.argv.slice(2);
appendFileSync(
  process.env.STAND_IN_NOTES,
  `${JSON.stringify({ args, secret: process.env.KEY ?? null })}\n`,
);
if (args[0] === 'info') {
  process.stdout.write(JSON.stringify({ NCPU: 2, SecurityOptions: ['name=seccomp'] }));
} else if (args[0] === 'create') {
  process.stderr.write(process.env.STAND_IN_REFUSAL);
  process.exitCode = 1;
}
