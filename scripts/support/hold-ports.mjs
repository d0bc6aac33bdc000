// Holds so many local ports by connections to itself for as long as a process lives: node hold-ports.mjs N PID
import { connect, createServer } from 'node:net';

const [ports, pid] = process.argv.slice(2).map(Number);
const server = createServer().listen(39_999, '127.0.0.1', () => {
  for (let left = ports; left > 0; left--) connect(39_999, '127.0.0.1').on('error', () => {});
});
setInterval(() => {
  try {
    process.kill(pid, 0);
  } catch {
    process.exit();
  }
}, 200);
server.on('error', (error) => {
  console.error(`hold-ports: ${error.message}`);
  process.exit(1);
});
