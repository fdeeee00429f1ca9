// Papers by npm @point-of-sale/receipt-printer-encoder. WAY: MAPPING/PAGE of its code pages, as epson/auto.
import { amount, columns, isBill, load, money, papers, send, sums, way } from './papers.mjs';

const ReceiptPrinterEncoder = load('@point-of-sale/receipt-printer-encoder');
const [mapping, page] = way.split('/');
const narrow = columns < 42; // names go on in the next line, and no price stands there
const pair = [{ width: columns - 14, align: 'left' }, { width: 14, align: 'right' }];

const triple = [{ width: columns - 18, align: 'left' }, { width: 4, align: 'right' }, { width: 14, align: 'right' }];

function bill(encoder, paper) {
  if (narrow) encoder.table(triple, [['Tên món', 'SL', 'Thành tiền']]).rule();
  else encoder.table(pair, [['Mặt hàng / SL x Đơn giá', 'Thành tiền']]).rule();
  for (const item of paper.items) {
    if (narrow) encoder.table(triple, [[item.name, String(item.qty), money(amount(item))]]);
    else encoder.line(item.name).table(pair, [[`  ${item.qty} x ${money(item.price)}`, money(amount(item))]]);
    if (item.discount) encoder.table(pair, [['  Giảm giá món', '-' + money(item.discount)]]);
  }
  encoder.rule().table(pair, sums(paper));
  encoder.align('center').line('Hẹn gặp lại quý khách').qrcode('https://example.vn/danh-gia', { size: 4 }).align('left').pulse();
}

for (const paper of papers) {
  const encoder = new ReceiptPrinterEncoder({ language: 'esc-pos', columns, codepageMapping: mapping });
  encoder.initialize().codepage(page).align('center').line(paper.shop);
  encoder.bold(true).size(1, 2).line(paper.title).size(1, 1).bold(false).align('left');
  encoder.line('Số HĐ: ' + paper.number).line('Ngày: ' + paper.time).line('Bàn ' + paper.table).rule();
  if (isBill(paper)) bill(encoder, paper);
  else for (const item of paper.items) encoder.line(`${item.qty} x ${item.name}`);
  await send(encoder.newline(2).cut().encode());
}
