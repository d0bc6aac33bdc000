import type { Options } from 'yargs';

/** A part of the options of a command, which help shows by itself. */
export interface Topic {
  /** What stands behind `help`. */
  readonly word: string;
  /** The heading of its options. */
  readonly title: string;
}

/** Words that are shorter than what their headings would give. */
const WORDS: Readonly<Record<string, string>> = {
  'What is measured': 'what',
  'How the load is made (native driver)': 'load',
  'Other questions': 'questions',
  'What is shown': 'shown',
};

/** More options than these are shown by topics. */
const AT_ONCE = 20;

/** The topics of a command, in the order of its options. */
export function topicsOf(options: Readonly<Record<string, Options>>): Topic[] {
  const titles = Object.values(options).flatMap(({ group }) => group ?? []);
  return [...new Set(titles)].map((title) => ({ word: WORDS[title] ?? wordOf(title), title }));
}

/**
 * The options that help shows.
 * @param topic a topic's word, `all`, or null for what one needs first: everything of a command with few options, else its first topic
 * @returns null when there is no such topic
 */
export function shownOptions(
  options: Readonly<Record<string, Options>>,
  topic: string | null,
): Readonly<Record<string, Options>> | null {
  const topics = topicsOf(options);
  if (topic === 'all' || (topic === null && Object.keys(options).length <= AT_ONCE)) return options;
  const chosen = topic === null ? topics[0] : topics.find(({ word }) => word === topic);
  if (chosen === undefined) return null;
  return Object.fromEntries(Object.entries(options).filter(([, { group }]) => group === chosen.title));
}

/** What help says of the topics that it leaves out; empty when it leaves none out. */
export function topicLines(
  options: Readonly<Record<string, Options>>,
  shown: Readonly<Record<string, Options>>,
): string {
  if (Object.keys(shown).length === Object.keys(options).length) return '';
  const topics = [...topicsOf(options), { word: 'all', title: 'Every option' }];
  const width = Math.max(...topics.map(({ word }) => word.length));
  const lines = topics.map(({ word, title }) => `  crabllm-bench help ${word.padEnd(width)}  ${title}`);
  return ['More options:', ...lines].join('\n');
}

function wordOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^a-z]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}
