// Listens on so many ports from one on, for as long as a process lives: node hold-ports.mjs FIRST N PID
import { createServer } from 'node:net';

const [first, ports, pid] = process.argv.slice(2).map(Number);
for (let port = first; port < first + ports; port++) createServer().listen(port, '127.0.0.1');
setInterval(() => {
  try {
    process.kill(pid, 0);
  } catch {
    process.exit();
  }
}, 200);
