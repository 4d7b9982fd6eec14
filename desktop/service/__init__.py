"""服务: one-three-one per wish for work, wishes and vacancies, who suits which, text to send around (article 二十九)."""
