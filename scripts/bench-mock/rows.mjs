// What is compared. A peer is a server with its flags; a contender is a peer under a number of connections.

const CHAT = '{"model":"bench-chat","messages":[{"role":"user","content":"Say hello to the world, please."}]}';
const STREAM = CHAT.replace(/}$/, ',"stream":true}');
const EMBEDDINGS = '{"model":"bench-embed","input":"Say hello to the world, please."}';
const MARKED = CHAT.replace('Say', '[[bench id=bench-0001]] Say');

const against = (...peers) => peers.map((peer) => ({ name: peer, peer, connections: 64 }));

/** A stream of 21 frames from each: the original counts its last chunk among its 20 and adds `[DONE]`; the mock adds a first and a last chunk. */
const PACED_CHUNKS = 18;

export const PEERS = {
  mock: { program: 'mock', flags: [] },
  rust: { program: 'rust', flags: [] },
  nginx: { program: 'nginx', flags: [] },
  'mock-paced': { program: 'mock', flags: ['--delay', '5', '--chunks', String(PACED_CHUNKS)] },
  'rust-paced': { program: 'rust', flags: ['--delay', '5'] },
};

export const ROWS = [
  {
    name: 'chat',
    title: 'chat, 64 connections',
    path: '/v1/chat/completions',
    body: CHAT,
    contenders: against('mock', 'rust', 'nginx'),
    targets: [
      { of: 'mock', to: 'rust', most: 0.9 },
      { of: 'mock', to: 'nginx', most: 2 },
    ],
  },
  {
    name: 'embeddings',
    title: 'embeddings (1536 numbers), 64 connections',
    path: '/v1/embeddings',
    body: EMBEDDINGS,
    contenders: against('mock', 'rust'),
    targets: [{ of: 'mock', to: 'rust', most: 0.9 }],
  },
  {
    name: 'stream',
    title: 'stream of 20 chunks at once, 64 connections',
    path: '/v1/chat/completions',
    body: STREAM,
    contenders: against('mock', 'rust'),
    targets: [{ of: 'mock', to: 'rust', most: 0.33 }],
  },
  {
    name: 'paced',
    title: 'stream of 21 frames, 5 ms apart, 100 connections',
    path: '/v1/chat/completions',
    body: STREAM,
    contenders: [
      { name: 'mock', peer: 'mock-paced', connections: 100 },
      { name: 'rust', peer: 'rust-paced', connections: 100 },
    ],
    targets: [{ of: 'mock', to: 'rust', most: 0.8 }],
  },
  {
    name: 'growth',
    title: 'chat, from 10 to 1000 connections',
    path: '/v1/chat/completions',
    body: CHAT,
    contenders: [
      { name: '1000', peer: 'mock', connections: 1000 },
      { name: '10', peer: 'mock', connections: 10 },
    ],
    targets: [{ of: '1000', to: '10', most: 1.3 }],
  },
  {
    name: 'ledger',
    title: 'chat with a correlation id, 64 connections',
    path: '/v1/chat/completions',
    body: CHAT,
    bodies: { marked: MARKED },
    contenders: [
      { name: 'marked', peer: 'mock', connections: 64, body: 'marked' },
      { name: 'plain', peer: 'mock', connections: 64 },
    ],
    targets: [{ of: 'marked', to: 'plain', most: 1.05 }],
  },
];
