# Group-by-sum by awk, of rows as text.
BEGIN { FS = "\t" }
{ sum[$1 SUBSEP $2] += $3 }
END {
  for (key in sum) {
    groups++
    total += sum[key]
    if (sum[key] > most) most = sum[key]
  }
  printf "%d groups, %.0f in all, %d at most\n", groups, total, most
}
