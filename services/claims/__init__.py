"""Subsidy claims: claims (filing and standing), steps (the way to a decision), verdicts (today's), cautions (warnings before a step),
notices (公示), posted (what they showed), submitted (the application form as handed in), materials (documents), work (the spells that one
rests on), arbitration (who of several), twins (two of one person), differences (补发、追回: of a paid claim)."""
