// Papers by npm receiptline, which knows no Vietnamese page. WAY: one of its encodings with letters that have lost their tones (`cp437`), or as
// they are (`cp437/tones`: what the page lacks becomes "?"), or `utf8`: a command object of our own for printers that take UTF-8; or `star`: a Star
// printer, without tones.
import { load, papers, send, way } from './papers.mjs';
import { document } from './document.mjs';

const receiptline = load('receiptline');
const [encoding, tones] = way.split('/');
const utf8 = {
  ...receiptline.commands.escpos, hr: (width) => '-'.repeat(width), text: (text) => '\x1c(C\x02\x00\x30\x32' + Buffer.from(text, 'utf8').toString('latin1'),
};
const printers = { utf8: { encoding: 'cp437', command: utf8 }, star: { encoding: 'cp437', command: 'starsbcs' } };
const printer = { cpl: 48, ...(printers[way] ?? { encoding, command: 'escpos' }) };

function plain(text) {
  return text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/đ/g, 'd').replace(/Đ/g, 'D');
}

for (const paper of papers) {
  const text = document(paper);
  await send(Buffer.from(receiptline.transform(way === 'utf8' || tones ? text : plain(text), printer), 'latin1'));
}
