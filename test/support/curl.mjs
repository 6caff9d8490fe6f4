// As much of curl as the pages for senders use, for machines that have none: -s, -i, -H, -d, -X and a URL.
const headers = new Headers();
let [url, body, method, shows] = ['', undefined, undefined, false];
const options = {
  '-s': () => {},
  '-i': () => (shows = true),
  '-H': (next) => {
    const [, name, value] = /^([^:]+):\s*(.*)$/.exec(next());
    headers.append(name, value);
  },
  '-d': (next) => (body = next()),
  '-X': (next) => (method = next()),
};
const words = process.argv.slice(2).values();
for (const word of words) {
  if (!word.startsWith('-')) url = word;
  else if (Object.hasOwn(options, word)) options[word](() => words.next().value);
  else throw new Error(`this curl does not know ${word}`);
}
const response = await fetch(url, { method: method ?? (body === undefined ? 'GET' : 'POST'), headers, body });
const head = [...response.headers].map(([name, value]) => `${name}: ${value}\n`).join('');
if (shows) process.stdout.write(`HTTP/1.1 ${response.status} ${response.statusText}\n${head}\n`);
process.stdout.write(await response.text());
