/** One thing that was looked at. `warning`: it will be seen in the results; `note`: know it when you read them. */
export interface Check {
  readonly name: string;
  readonly state: 'good' | 'note' | 'warning';
  /** What was found. */
  readonly found: string;
  /** What that does to results and what helps; null when there is nothing to say. */
  readonly meaning: string | null;
}

export function good(name: string, found: string): Check {
  return { name, state: 'good', found, meaning: null };
}

export function note(name: string, found: string, meaning: string): Check {
  return { name, state: 'note', found, meaning };
}

export function warn(name: string, found: string, meaning: string): Check {
  return { name, state: 'warning', found, meaning };
}
