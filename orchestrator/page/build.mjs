// Bundles the page's components into the one script that report.html carries: dist/page/page.js.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

await build({
  entryPoints: [fileURLToPath(new URL('main.tsx', import.meta.url))],
  outfile: fileURLToPath(new URL('../dist/page/page.js', import.meta.url)),
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2020',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  banner: { js: '/* With Preact (MIT licence) and Apache ECharts (Apache License 2.0) */' },
  logLevel: 'warning',
});
