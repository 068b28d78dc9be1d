-- Sites whose median share of removed text moved by 15 points or more: the last day against the 28 days before.
WITH cut AS (
  SELECT source_domain, boilerplate_ratio, seen_at > n.at - INTERVAL 1 DAY AS is_new
  FROM articles, (SELECT max(seen_at) AS at FROM articles) n
  WHERE boilerplate_ratio IS NOT NULL
    AND seen_at > n.at - INTERVAL 29 DAY
)
SELECT source_domain,
       count(*) FILTER (is_new) AS articles,
       round(median(boilerplate_ratio) FILTER (NOT is_new), 3) AS ratio_before,
       round(median(boilerplate_ratio) FILTER (is_new), 3) AS ratio_now
FROM cut
GROUP BY source_domain
HAVING articles >= 10
   AND count(*) FILTER (NOT is_new) >= 10
   AND abs(median(boilerplate_ratio) FILTER (is_new) - median(boilerplate_ratio) FILTER (NOT is_new)) >= 0.15
ORDER BY abs(ratio_now - ratio_before) DESC, source_domain;
