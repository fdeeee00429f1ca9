// What stands on papers that picture.mjs draws, as a person writes it down for `hoadon capture learn --text`: a form feed between two papers.
import { document } from './document.mjs';
import { load, papers } from './papers.mjs';

const { transform } = load('receiptline');
const text = (paper) => transform(document(paper).replace('\n=\n', '\n').replaceAll('^', ''), { cpl: 48, encoding: 'multilingual', command: 'text' });
process.stdout.write(papers.map((paper) => text(paper).trimEnd() + '\n').join('\f'));
