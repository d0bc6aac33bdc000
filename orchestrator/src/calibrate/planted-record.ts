import { z } from 'zod';
import { plantedSchema } from '../relay/planted.js';

/** `planted.json` beside a run: what each relay really did, each time it was up. The suite's own path never reads it. */
export const plantedRecordSchema = z.array(z.strictObject({ relay: z.string(), planted: plantedSchema }));
export type PlantedRecord = z.infer<typeof plantedRecordSchema>;

/** The file in a calibration's directory that says what was planted. */
export const PLANTED_FILE = 'planted.json';
