// A paper as a picture (PNG, 576 dots across): the SVG of npm receiptline, drawn by npm resvg with a font of npm, as tills on the web print.
import { document } from './document.mjs';
import { folder, load } from './papers.mjs';

function draw(paper) {
  const { Resvg } = load('@resvg/resvg-js');
  const svg = load('receiptline').transform(document(paper).replace('\n=\n', '\n'), { cpl: 48, encoding: 'multilingual', command: 'svg' });
  const font = `${folder}/node_modules/dejavu-fonts-ttf/ttf/DejaVuSansMono.ttf`;
  return new Resvg(svg, { background: 'white', font: { fontFiles: [font], loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans Mono', monospaceFamily: 'DejaVu Sans Mono' } }).render().asPng();
}

export { draw };
