// Holds so many local ports by connections to itself until it is ended: node hold-ports.mjs N
import { connect, createServer } from 'node:net';

const server = createServer().listen(39_999, '127.0.0.1', () => {
  for (let left = Number(process.argv[2]); left > 0; left--) connect(39_999, '127.0.0.1').on('error', () => {});
});
server.on('error', (error) => {
  console.error(`hold-ports: ${error.message}`);
  process.exit(1);
});
