// Papers by npm node-thermal-printer, which goes as soon as it has written. WAY: TCVN_VIETNAMESE, WPC1258_VIETNAMESE, VISCII, or `picture`.
import { amount, columns, host, isBill, load, money, papers, port, sums, way } from './papers.mjs';
import { draw } from './picture.mjs';

const { ThermalPrinter, PrinterTypes } = load('node-thermal-printer');

function row(printer, name, qty, price, total) {
  printer.tableCustom([
    { text: name, cols: columns - 28 }, { text: qty, cols: 4, align: 'RIGHT' }, { text: price, cols: 11, align: 'RIGHT' }, { text: total, cols: 13, align: 'RIGHT' },
  ]);
}

function head(printer, paper) {
  printer.alignCenter();
  printer.println(paper.shop);
  printer.setTextQuadArea();
  printer.bold(true);
  printer.println(paper.title);
  printer.bold(false);
  printer.setTextNormal();
  printer.alignLeft();
  printer.leftRight('Số HĐ: ' + paper.number, paper.time);
  printer.println('Bàn ' + paper.table);
  printer.drawLine();
}

function bill(printer, paper) {
  row(printer, 'Mặt hàng', 'SL', 'Đơn giá', 'Thành tiền');
  printer.drawLine();
  for (const item of paper.items) {
    row(printer, item.name, item.qty, money(item.price), money(amount(item)));
    if (item.discount) printer.leftRight('  Giảm giá món', '-' + money(item.discount));
  }
  printer.drawLine();
  for (const [label, value] of sums(paper)) printer.leftRight(label, value);
  printer.alignCenter();
  printer.println('Cảm ơn quý khách!');
  printer.openCashDrawer();
}

for (const paper of papers) {
  const printer = new ThermalPrinter({
    type: PrinterTypes.EPSON, interface: `tcp://${host}:${port}`, width: columns, characterSet: way === 'picture' ? undefined : way,
  });
  if (way === 'picture') {
    await printer.printImageBuffer(draw(paper));
  } else {
    head(printer, paper);
    if (isBill(paper)) bill(printer, paper);
    else for (const item of paper.items) printer.println(`${item.qty} x ${item.name}`);
  }
  printer.cut();
  await printer.execute();
}
