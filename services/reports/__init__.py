"""What the offices above ask for: monthly (务工监测月报) and its handing in: sealing, sealed (the file), sealed_since (what was changed
afterwards) and completeness (who handed in); month_figures (统计, the county's web console), targets (年度目标), workload (填报负担)."""
