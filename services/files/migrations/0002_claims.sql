-- Until now no service said which files it took. What was stored by then counts as taken, and stays.
UPDATE stored_file SET claimed_at = created_at WHERE state = 'stored' AND claimed_at IS NULL;
