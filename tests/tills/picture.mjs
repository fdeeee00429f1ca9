// A paper as a picture (PNG, 576 dots across): the SVG of npm receiptline, drawn by npm resvg with a font of npm, as tills on the web print.
import { document } from './document.mjs';
import { folder, load } from './papers.mjs';

function draw(paper) {
  const { Resvg } = load('@resvg/resvg-js');
  const svg = load('receiptline').transform(document(paper).replace('\n=\n', '\n'), { cpl: 48, encoding: 'multilingual', command: 'svg' }).replace('font-size="22"', 'font-size="17"');
  const font = `${folder}/node_modules/dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf`;
  return new Resvg(svg, { background: 'white', font: { fontFiles: [font], loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans Condensed', monospaceFamily: 'DejaVu Sans Condensed' } }).render().asPng();
}

export { draw };
