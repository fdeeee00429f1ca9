// node verify_xmlcrypto.mjs FOLDER-WITH-node_modules CERT.pem FILE...: every Signature of each FILE by npm xml-crypto and the
// given certificate; exit 0 when all are good. xml-crypto knows nothing of our code.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
const [folder, certificate, ...files] = process.argv.slice(2);
const require = createRequire(folder + '/package.json');
const { SignedXml } = require('xml-crypto');
const { DOMParser } = require('@xmldom/xmldom');
let allGood = files.length > 0;
for (const file of files) {
  const xml = readFileSync(file, 'utf8');
  const doc = new DOMParser().parseFromString(xml, 'text/xml');
  const signatures = Array.from(doc.getElementsByTagNameNS('http://www.w3.org/2000/09/xmldsig#', 'Signature'));
  let good = 0;
  for (const node of signatures) {
    const checker = new SignedXml({ publicCert: readFileSync(certificate, 'utf8') });
    checker.loadSignature(node);
    try {
      if (checker.checkSignature(xml) && checker.getSignedReferences().length === 2) good++;
    } catch (error) {
      console.error(String(error.message));
    }
  }
  console.log(`${file}: ${good} of ${signatures.length} signatures good`);
  allGood &&= signatures.length > 0 && good === signatures.length;
}
process.exit(allGood ? 0 : 1);
