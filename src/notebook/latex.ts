/** Tables as LaTeX, for PDF: there a table as text would lose its Greek letters and signs, and run off the page. */

/** Signs and what they are in LaTeX's mathematics, with / for LaTeX's backslash. */
const pairs = `
  α /alpha β /beta γ /gamma δ /delta ε /varepsilon ϵ /epsilon ζ /zeta η /eta θ /theta ι /iota κ /kappa λ /lambda μ /mu
  µ /mu ν /nu ξ /xi ο o π /pi ρ /rho σ /sigma ς /varsigma τ /tau υ /upsilon φ /varphi ϕ /phi χ /chi ψ /psi ω /omega
  Γ /Gamma Δ /Delta Θ /Theta Λ /Lambda Ξ /Xi Π /Pi Σ /Sigma Υ /Upsilon Φ /Phi Ψ /Psi Ω /Omega ℓ /ell ∂ /partial
  ≤ /leq ≥ /geq ≠ /neq ≈ /approx ∼ /sim ≪ /ll ≫ /gg ∝ /propto ≡ /equiv − - ± /pm × /times · /cdot ⋅ /cdot √ /surd
  ∞ /infty ∈ /in ∉ /notin ⊂ /subset ∪ /cup ∩ /cap → /to ← /leftarrow ⇒ /Rightarrow ↦ /mapsto ∑ /sum ∏ /prod ∫ /int
  ∇ /nabla ‖ /| ⟨ /langle ⟩ /rangle ∘ /circ ⊤ /top ⊥ /perp ½ /tfrac12 ¼ /tfrac14 ° ^/circ ′ '
  ⁰ ^0 ¹ ^1 ² ^2 ³ ^3 ⁴ ^4 ⁵ ^5 ⁶ ^6 ⁷ ^7 ⁸ ^8 ⁹ ^9 ⁻ ^{-} ⁺ ^{+} ⁿ ^n ᵀ ^T
  ₀ _0 ₁ _1 ₂ _2 ₃ _3 ₄ _4 ₅ _5 ₆ _6 ₇ _7 ₈ _8 ₉ _9 ₊ _{+} ₋ _{-}`;
const signs: Record<string, string> = Object.fromEntries(
  Array.from(pairs.matchAll(/(\S)\s+(\S+)/gu), ([, sign, command]) => [sign, command.replace('/', '\\')]),
);

const escapes: Record<string, string> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '–': '--',
  '—': '---',
  '…': '\\dots{}',
  '‘': '`',
  '’': "'",
  '“': '``',
  '”': "''",
};

/** A text in LaTeX: Greek letters and signs in mathematics, and what LaTeX reads as a command as a character. */
export const latexText = (text: string) =>
  Array.from(text.replace(/\s+/g, ' '), letter =>
    Object.hasOwn(signs, letter)
      ? `\\ensuremath{${signs[letter]}}`
      : (escapes[letter] ?? (/[#$%&_{}]/.test(letter) ? `\\${letter}` : letter)),
  ).join('');

/** Letters of a line before a table's columns share its width, and the width of a page that columns may take. */
const lineLetters = 80;
const shared = 0.96;

/** A table of texts. Columns that are too wide for the page side by side share its width, and wrap. */
export function latexTable(head: readonly string[], body: readonly (readonly string[])[], caption?: string): string {
  const widths = head.map((name, i) => Math.max(name.length, 1, ...body.map(row => row[i].length)));
  const isWide = widths.reduce((sum, width) => sum + width + 2, 0) > lineLetters;
  const weights = widths.map(Math.sqrt);
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const part = (weight: number) => Math.max(0.03, (shared * weight) / all - 0.03).toFixed(3);
  const columns = isWide
    ? weights.map(w => `>{\\raggedright\\arraybackslash}p{${part(w)}\\linewidth}`).join('')
    : 'l'.repeat(head.length);
  const row = (cells: readonly string[]) => `${cells.map(latexText).join(' & ')} \\\\`;
  return [
    `{\\footnotesize\\begin{longtable}[l]{${columns}}`,
    ...(caption ? [`\\multicolumn{${head.length}}{l}{\\textbf{${latexText(caption)}}} \\\\`] : []),
    '\\toprule',
    row(head),
    '\\midrule',
    ...body.map(row),
    '\\bottomrule',
    '\\end{longtable}}',
  ].join('\n');
}
