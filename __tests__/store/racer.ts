/** One of several processes that race for the same keys of a folder store; prints which it won. */
import { once } from 'node:events';
import { folderStore } from '../../src/store/index.ts';

const [folder = '', name = '', rounds = '0'] = process.argv.slice(2);
const store = folderStore(folder);
const keys = Array.from({ length: Number(rounds) }, (_, round) => String(round));
const versions = await Promise.all(keys.map((key) => store.read(`replaced/${key}`)));
process.stdout.write('ready\n');
await once(process.stdin, 'data');

const created: string[] = [];
const replaced: string[] = [];
for (const [index, key] of keys.entries()) {
  if (await store.create(`created/${key}`, name)) created.push(key);
  if (await store.replace(`replaced/${key}`, name, versions[index]?.etag ?? '')) replaced.push(key);
}
let additions = 0;
while (additions < 20) {
  const sum = await store.read('sum');
  if (sum === undefined) throw new Error('There is no sum');
  const next = String(Number(Buffer.from(sum.body).toString()) + 1);
  if (await store.replace('sum', next, sum.etag)) additions++;
}
process.stdout.write(`${JSON.stringify({ created, replaced })}\n`);
process.exit(0);
