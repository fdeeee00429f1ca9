// A paper in the markup of npm receiptline, and as a picture that its SVG gives, as tills on the web print.
import { amount, isBill, load, money, sums } from './papers.mjs';

function rows(paper) {
  if (!isBill(paper)) return paper.items.map((item) => `|${item.qty} x ${item.name}`);
  const items = paper.items.flatMap((item) => [
    `|${item.name} |${item.qty} |${money(item.price)} |${money(amount(item))}|`,
    ...(item.discount ? [`|  Giảm giá món | | |-${money(item.discount)}|`] : []),
  ]);
  return ['{width:20,4,*,12;border:none}', '|Mặt hàng |SL |Đơn giá |Thành tiền|', '{width:auto}', '-', '{width:20,4,*,12}', ...items, '{width:auto}', '-',
    '{width:*,14}', ...sums(paper).map(([label, value]) => `|${label} |${value}|`), '{width:auto}'];
}

function document(paper) {
  return [`${paper.shop}`, `^^^${paper.title}`, `|Số HĐ: ${paper.number}`, `|Ngày: ${paper.time}`, `|Bàn ${paper.table}`, '-', ...rows(paper), 'Cảm ơn quý khách!', '='].join('\n') + '\n';
}

export { document };
