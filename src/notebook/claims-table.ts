/** Claims as tables and counts; checks stand apart. */
import { band } from './expectation';
import { type Claim, measurement, type Verdict } from './verdict';

export interface ClaimsTable {
  /** How many there are and what became of them: 'claims: 4 hold, 1 fails'. */
  readonly caption: string;
  readonly head: string[];
  /** A row for each claim, its verdict first. */
  readonly rows: string[][];
  readonly claims: readonly Claim[];
}

/** The claims, then the checks; a table that would be empty is left out. */
export function claimsTables(all: readonly Claim[]): ClaimsTable[] {
  return (['claim', 'check'] as const).flatMap(kind => {
    const claims = all.filter(claim => claim.kind === kind);
    if (claims.length === 0) return [];
    const hasAlternatives = kind === 'claim' || claims.some(claim => claim.against.length > 0);
    const middle = hasAlternatives ? ['what would have failed'] : [];
    return {
      caption: `${kind}s: ${tally(claims)}`,
      head: ['verdict', kind, 'measured', 'expected', ...middle, 'source'],
      rows: claims.map(claim => [
        claim.verdict,
        claim.note ? `${claim.statement} (${claim.note})` : claim.statement,
        measurement(claim.measured, claim.expect),
        band(claim.expect),
        ...(hasAlternatives ? [alternatives(claim).join('; ') || 'nothing named'] : []),
        claim.source,
      ]),
      claims,
    };
  });
}

/** Each alternative with its measurement; one that lies in the band too is said to. */
export const alternatives = ({ against, expect }: Claim): string[] =>
  against.map(({ name, measured, verdict }) => {
    const said = `${name}: ${measurement(measured, expect)}`;
    return verdict === 'holds' ? `${said}, which lies in the band too` : said;
  });

const verbs: Record<Verdict, [one: string, more: string]> = {
  holds: ['holds', 'hold'],
  fails: ['fails', 'fail'],
  undecided: ['undecided', 'undecided'],
  'not tested': ['not tested', 'not tested'],
};

/** How many hold, fail, and so on: '4 hold, 1 fails'; 'none' of no claims. */
export function tally(claims: readonly Claim[]): string {
  const counts = (Object.keys(verbs) as Verdict[]).map(verdict => {
    const count = claims.filter(claim => claim.verdict === verdict).length;
    return count === 0 ? [] : [`${count} ${verbs[verdict][count === 1 ? 0 : 1]}`];
  });
  return counts.flat().join(', ') || 'none';
}
