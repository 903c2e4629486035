# The main job by jq, of the report on its standard input.
reduce (.data.users[] | .team as $team | .usage.product_data | to_entries[]
  | [$team, .key, .value.tests_run, .value.minutes_used]) as [$team, $product, $tests, $minutes]
  ({}; .[$team][$product] |= [.[0] + $tests, if $minutes then .[1] + $minutes else .[1] end])
| "team,product,tests,minutes",
  (keys[] as $team | .[$team] | keys[] as $product
    | [$team, $product] + (.[$product] | map(. // "")) | map(tostring) | join(","))
