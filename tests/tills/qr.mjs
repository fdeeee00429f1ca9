// node qr.mjs FOLDER OUT: QR codes as a printer makes them, drawn by npm receiptline. Standard input: a list of {data, level (l m q h), dots of a
// module}; OUT/N.pbm is the Nth, and its width in dots with the quiet zone stands on standard output.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [folder, out] = process.argv.slice(2);
const { qrcode } = createRequire(folder + '/package.json')('receiptline');

JSON.parse(readFileSync(0, 'utf8')).forEach(({ data, level, dots }, n) => {
  const modules = qrcode.generate({ data, level, quietZone: true });
  const rows = modules.flatMap((row) => Array(dots).fill([...row].flatMap((module) => Array(dots).fill(module)).join(' ')));
  writeFileSync(`${out}/${n}.pbm`, `P1\n${modules.length * dots} ${rows.length}\n${rows.join('\n')}\n`);
  console.log(modules.length * dots);
});
