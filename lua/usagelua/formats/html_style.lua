-- The style of the HTML report: readable on a phone and on paper, dark and light
-- as the reader's system has it. Colours of series differ for the colour-blind
-- too (after Okabe and Ito).

return [[
:root {
  color-scheme: light dark;
  --ink: #1a1d21; --faint: #5b6470; --paper: #ffffff; --raised: #f4f6f8; --rule: #d8dee4;
  --passed: #0b6e3b; --failed: #b3261e; --undecided: #7a5200;
  --s1: #0072b2; --s2: #d98200; --s3: #009e73; --s4: #b5578f;
  --s5: #3f9bd0; --s6: #c8500a; --s7: #8a8f00; --s8: #666c74;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e8eaed; --faint: #a3abb5; --paper: #15181c; --raised: #1f242a; --rule: #39414a;
    --passed: #6fd39b; --failed: #ff8a80; --undecided: #f0c36d;
    --s1: #4aa8e0; --s2: #f0a73a; --s3: #3fcf9f; --s4: #e08fbd;
    --s5: #8ccaf0; --s6: #ff8a4d; --s7: #d6d94a; --s8: #aab2bb;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 60rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; overflow-wrap: anywhere; }
p, li { overflow-wrap: anywhere; }
.faint, .remarks, footer, figcaption { color: var(--faint); font-size: .875rem; }
.remarks { margin: .5rem 0 0; padding-left: 1.1rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .75rem .35rem 0; text-align: left; vertical-align: top; }
th { font-weight: 600; border-bottom: 2px solid var(--rule); }
td { border-bottom: 1px solid var(--rule); overflow-wrap: break-word; max-width: 28rem; }
.number { text-align: right; white-space: nowrap; padding-left: .75rem; }
th.number { white-space: normal; }
.date { white-space: nowrap; }
tfoot td { font-weight: 600; border-bottom: 0; border-top: 2px solid var(--rule); }
summary { cursor: pointer; padding: .35rem 0; color: var(--faint); }
.budgets { list-style: none; margin: 0 0 1.5rem; padding: 0; }
.budgets li {
  padding: .5rem .75rem; margin: 0 0 .5rem; background: var(--raised); border-radius: .375rem;
  border-left: .3rem solid var(--rule);
}
.budgets .passed { border-left-color: var(--passed); }
.budgets .failed { border-left-color: var(--failed); }
.budgets .undecided { border-left-color: var(--undecided); }
.passed b { color: var(--passed); } .failed b { color: var(--failed); }
.undecided b { color: var(--undecided); }
figure { margin: 0; }
svg { display: block; width: 100%; max-width: 44rem; height: auto; font: 13px/1 inherit; }
svg text { fill: var(--ink); font-size: 13px; }
svg .tick { fill: var(--faint); font-size: 12px; }
svg .grid { stroke: var(--rule); } svg .axis { stroke: var(--faint); }
svg .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.c1 { fill: var(--s1); } .c2 { fill: var(--s2); } .c3 { fill: var(--s3); } .c4 { fill: var(--s4); }
.c5 { fill: var(--s5); } .c6 { fill: var(--s6); } .c7 { fill: var(--s7); } .c8 { fill: var(--s8); }
.l1 { stroke: var(--s1); } .l2 { stroke: var(--s2); } .l3 { stroke: var(--s3); }
.l4 { stroke: var(--s4); } .l5 { stroke: var(--s5); } .l6 { stroke: var(--s6); }
.l7 { stroke: var(--s7); } .l8 { stroke: var(--s8); }
.partly { fill-opacity: .45; stroke: var(--ink); stroke-dasharray: 3 2; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding: 0; margin: .5rem 0 0; }
.legend svg { display: inline-block; width: .8rem; height: .8rem; margin-right: .4rem; }
pre { overflow-x: auto; background: var(--raised); padding: .75rem; border-radius: .375rem; }
@media (max-width: 40rem) {
  body { padding: 1rem .75rem 2rem; }
  table { font-size: .9rem; } th, td { padding-right: .4rem; } .number { padding-left: .4rem; }
  figure { overflow-x: auto; } figure > svg { min-width: 26rem; }
  svg text { font-size: 17px; } svg .tick { font-size: 16px; }
}
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  h2 { break-after: avoid; } tr, figure, .budgets li { break-inside: avoid; }
  .scroll { overflow: visible; }
}
]]
