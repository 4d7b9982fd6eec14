"""服务: the 1-3-1 services for people who want work, wishes and vacancies, matching them, and text for advertising (article 二十九)."""
