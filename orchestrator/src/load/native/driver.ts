import { request } from 'undici';
import type { Driver } from '../driver.js';
import { Histogram } from '../../record/histogram.js';
export function createNativeDriver(): Driver {
  return {
    name: 'native',
    async prepare() {
      return { state: 'available', version: '0', digest: null, limitsEnforced: false };
    },
    async close() {},
    async run(load, signal) {
      const h = new Histogram();
      let ok = 0;
      const lat: number[] = [];
      const t0 = performance.now();
      const n = (load.measureMs / 1000) * load.level.value;
      const ps: Promise<void>[] = [];
      for (let k = 0; k < n; k++) {
        const due = t0 + (k * 1000) / load.level.value;
        while (performance.now() < due) await new Promise((r) => setTimeout(r, 1));
        if (signal.aborted) throw signal.reason;
        ps.push(
          (async () => {
            const r = await request(load.url, {
              method: 'POST',
              headers: { 'content-type': 'application/json', ...load.headers },
              body: load.body,
            });
            await r.body.text();
            if (r.statusCode === 200) ok++;
            const us = (performance.now() - due) * 1000;
            lat.push(us);
            h.record(us);
          })().catch(() => {}),
        );
      }
      await Promise.all(ps);
      lat.sort((a, b) => a - b);
      const q = (p: number) => lat[Math.floor(p * lat.length)] ?? null;
      return {
        raw: Buffer.from('{}'),
        record: {
          driver: { name: 'native', version: '0' },
          windowMs: load.measureMs,
          scheduled: Math.round(n),
          ok,
          errors: ok < Math.round(n) ? { other: Math.round(n) - ok } : {},
          dropped: 0,
          statuses: { '200': ok },
          errorExamples: {},
          achievedRps: (ok / load.measureMs) * 1000,
          connections: 1,
          latencyUs: {
            count: ok,
            quantiles: { p50: q(0.5), p90: q(0.9), p99: q(0.99), p999: null, max: q(1) },
            seconds: [h.toSparse()],
          },
          ttftUs: null,
          gapUs: null,
          latenessUs: null,
          driverCpuUs: null,
          bytes: null,
        },
      };
    },
  };
}
