// What the programs beside this file share: `node PROGRAM FOLDER HOST PORT WAY COLUMNS`, the papers to print on standard input (a list as in
// papers.json), and a line to the printer. FOLDER is that of install.sh.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:net';

const [folder, host, port, way, width = '48'] = process.argv.slice(2);
const load = createRequire(folder + '/package.json');
const papers = process.stdin.isTTY ? [] : JSON.parse(readFileSync(0, 'utf8'));
const columns = Number(width);

const money = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, '.');
const amount = (item) => item.qty * item.price;
const subtotal = (paper) => paper.items.reduce((sum, item) => sum + amount(item) - (item.discount ?? 0), 0);
const total = (paper) => subtotal(paper) - (paper.discount ?? 0);
const isBill = (paper) => paper.kind !== 'kitchen';

// What stands below the items: [label, amount].
function sums(paper) {
  const rows = [['Tổng tiền hàng', money(subtotal(paper))]];
  if (paper.discount) rows.push(['Giảm giá', '-' + money(paper.discount)]);
  rows.push(['Tổng cộng', money(total(paper))]);
  if (paper.paid) rows.push(['Tiền mặt', money(paper.paid)], ['Tiền thừa', money(paper.paid - total(paper))]);
  return rows;
}

// All of `bytes`, and the answer that nothing more comes.
function send(bytes) {
  return new Promise((resolve, reject) => {
    const line = connect(Number(port), host, () => line.end(bytes));
    line.on('error', reject).on('close', resolve).resume();
  });
}

export { amount, folder, host, isBill, load, money, papers, port, send, sums, way, columns };
