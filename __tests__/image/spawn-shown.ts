/** Runs what its arguments say as a user's log has it. */
import { spawnProgram } from '../../src/image/spawn-program.ts';

const [command = '', ...args] = process.argv.slice(2);
const { exitCode } = await spawnProgram(command, args, {});
process.exitCode = exitCode;
